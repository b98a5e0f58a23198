namespace CallbackReceiver.Storage.Embedded;

/// <summary>The operating system's account that PostgreSQL runs under: the service's own, or another where that is root.</summary>
internal sealed class ServerAccount
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    private ServerAccount(string? userName) => UserName = userName;

    /// <summary>PostgreSQL refuses to run as root. (On Windows, pg_ctl lays down an administrator's rights by itself.)</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>Null: the service's own account.</summary>
    public string? UserName { get; }

    /// <exception cref="EmbeddedPostgresException">The service runs as root and there is no other account.</exception>
    public static async Task<ServerAccount> ChooseAsync(CancellationToken cancellationToken)
    {
        if (!IsRoot)
            return new ServerAccount(null);
        foreach (var name in Candidates)
        {
            if ((await Shell("id -u \"$@\"", name).RunAsync(cancellationToken)).ExitCode == 0)
                return new ServerAccount(name);
        }

        throw new EmbeddedPostgresException(
            $"PostgreSQL does not run as root, and this machine has none of the users {string.Join(", ", Candidates)} to run it as. " +
            $"Run the service as an ordinary user, or {EmbeddedPostgresException.UseAnother}.");
    }

    /// <summary>Hands a file, or a folder with all in it, to the account.</summary>
    public async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (UserName is null)
            return;
        var result = await Shell("chown -R -h \"$@\"", UserName, path).RunAsync(cancellationToken);
        if (result.ExitCode != 0)
            throw new EmbeddedPostgresException($"{path} could not be handed to the user {UserName}: {result.Output}");
    }

    /// <exception cref="EmbeddedPostgresException">The account may not pass through the folder or one above it.</exception>
    public async Task RequireWayToAsync(string directory, CancellationToken cancellationToken)
    {
        if (UserName is null)
            return;
        var way = new Stack<string>();
        for (var folder = directory; folder is not null; folder = Path.GetDirectoryName(folder))
            way.Push(folder);
        var tried = await (Shell("for folder; do cd \"$folder\" 2>/dev/null || { printf %s \"$folder\"; exit 1; }; done", [.. way])
            with
        { UserName = UserName }).RunAsync(cancellationToken);
        if (tried.ExitCode == 0)
            return;
        throw new EmbeddedPostgresException(
            $"PostgreSQL does not run as root, so it runs as the user {UserName}, who may not pass through {tried.Output} to the data in {directory}. " +
            $"Allow it (`chmod o+x '{tried.Output}'`), set {EmbeddedPostgresOptions.Section}:Directory to a folder that every user can reach, " +
            $"or {EmbeddedPostgresException.UseAnother}.");
    }

    /// <summary>By way of the shell, which looks in PATH only; .NET would look in the current folder first.</summary>
    private static ChildCommand Shell(string script, params string[] arguments) => new("/bin/sh", ["-c", script, "sh", .. arguments]);
}
