namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Files of the repository that the service or a generator makes: compared with what is made now, or written anew.</summary>
internal static class CheckedIn
{
    /// <summary>Set to 1, the files are written instead of compared.</summary>
    private const string UpdateVariable = "UPDATE_CHECKED_IN";

    /// <summary>How to bring them up to date, as in CONTRIBUTING.md.</summary>
    private const string Command = $"{UpdateVariable}=1 dotnet test --filter-class '*OpenApiTests'";

    private static readonly string Root = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    public static byte[] ReadBytes(string path) => File.ReadAllBytes(Path.Combine(Root, path));

    /// <summary>The files of a folder, by a pattern of their names.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern);

    public static void Is(string path, string made)
    {
        made = made.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
            File.WriteAllText(Path.Combine(Root, path), made);
        var (now, before) = (made.Split('\n'), File.Exists(Path.Combine(Root, path)) ? Read(path).Split('\n') : []);
        var same = now.Zip(before).TakeWhile(lines => lines.First == lines.Second).Count();
        Assert.True(same == now.Length && same == before.Length, $"{path} is out of date from line {same + 1} on; write it anew with: {Command}");
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "CallbackReceiver.sln")))
            directory = directory.Parent!;
        return directory.FullName;
    }
}
