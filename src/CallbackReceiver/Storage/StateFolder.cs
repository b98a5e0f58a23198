using CallbackReceiver.Storage.Embedded;

namespace CallbackReceiver.Storage;

/// <summary>Where the service keeps what must outlive it, unless the configuration says otherwise.</summary>
internal static class StateFolder
{
    private const string Name = "callback-receiver";

    /// <summary>
    /// <c>$XDG_STATE_HOME/callback-receiver</c> or <c>~/.local/state/callback-receiver</c>; on Windows in the local application data; for
    /// root <c>/var/lib/callback-receiver</c>, since root's own folders are closed to the user that PostgreSQL then runs as.
    /// </summary>
    public static string Default
    {
        get
        {
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), Name);
            if (ServerAccount.IsRoot)
                return Path.Combine("/var/lib", Name);
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            return Path.IsPathRooted(state)
                ? Path.Combine(state, Name)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", Name);
        }
    }
}
