using System.Globalization;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// <c>postmaster.pid</c> in a data folder: who serves it. Its lines are fixed by PostgreSQL's <c>miscinit</c>:
/// process id, data folder, start time, port, … A server that was killed leaves it behind.
/// </summary>
internal sealed record PostmasterFile(string Path, int ProcessId, int Port)
{
    /// <summary>Null where there is none, or none that can be read as such.</summary>
    public static PostmasterFile? Read(string dataDirectory)
    {
        var path = System.IO.Path.Combine(dataDirectory, "postmaster.pid");
        try
        {
            var lines = File.ReadAllLines(path);
            return lines.Length >= 4
                && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && int.TryParse(lines[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                    ? new PostmasterFile(path, id, port)
                    : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
