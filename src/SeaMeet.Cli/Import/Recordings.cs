namespace SeaMeet.Cli.Import;

/// <summary>The recordings that files and folders on the command line stand for.</summary>
internal static class Recordings
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>A folder stands for the files of SeaMeet's formats, by their extensions, in it and below; a file for itself, whatever its name.</summary>
    /// <exception cref="CommandException">A folder holds none.</exception>
    public static IReadOnlyList<string> Of(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(Path.GetFullPath(path));
                continue;
            }

            var found = Directory.EnumerateFiles(path, "*", Everything).Where(file => AudioFormat.Extensions.Contains(Path.GetExtension(file))).Select(Path.GetFullPath)
                .Order(StringComparer.Ordinal).ToList();
            files.AddRange(found.Count > 0 ? found : throw new CommandException(ExitCode.FileMissing, $"The folder '{path}' holds no recording."));
        }

        return [.. files.Distinct(StringComparer.Ordinal)];
    }
}
