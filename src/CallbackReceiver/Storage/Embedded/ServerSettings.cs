using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// PostgreSQL's settings, given at each start and written into no file, so that an upgrade of the service changes them.
/// fsync and full_page_writes keep their defaults: this is somebody's data.
/// </summary>
internal static partial class ServerSettings
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>In megabytes: PostgreSQL's own default.</summary>
    private const long LeastSharedBuffers = 128;

    /// <summary>In megabytes: holds the indexes that millions of callbacks are written to. Memory is only taken for what has been in use.</summary>
    private const long MostSharedBuffers = 1024;

    /// <exception cref="EmbeddedPostgresException">A configured parameter's name is no name of a setting.</exception>
    public static void RequireNames(IDictionary<string, string> configured)
    {
        if (configured.Keys.FirstOrDefault(name => !Name().IsMatch(name)) is { } wrong)
            throw new EmbeddedPostgresException($"{EmbeddedPostgresOptions.Section}:Parameters has \"{wrong}\", which is no name of a PostgreSQL setting.");
    }

    /// <summary>The settings as the one string that <c>pg_ctl -o</c> takes and hands to a shell; their names are known to be names.</summary>
    public static string ForPgCtl(int port, IDictionary<string, string> configured)
    {
        var settings = Defaults(port);
        foreach (var (name, value) in configured)
            settings[name] = value;

        return string.Join(' ', settings.Select(setting => $"-c {Quoted($"{setting.Key}={setting.Value}")}"));
    }

    /// <summary>
    /// A quarter of the memory, within limits. Callbacks touch pages of two indexes at random: one that is not held is read, and another written
    /// for it (docs/performance.md).
    /// </summary>
    /// <param name="memory">In bytes: what the machine has, or the runtime may use of a container's limit.</param>
    public static string SharedBuffers(long memory) => $"{Math.Clamp(memory / 4 / Megabyte, LeastSharedBuffers, MostSharedBuffers)}MB";

    private static Dictionary<string, string> Defaults(int port) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["listen_addresses"] = ServerAddress.Listen,
        ["port"] = port.ToString(CultureInfo.InvariantCulture),
        ["unix_socket_directories"] = "",
        ["max_connections"] = "100",
        ["shared_buffers"] = SharedBuffers(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        // Fewer checkpoints under load: after each one, every page of the index of digests goes whole into the log once more.
        ["max_wal_size"] = "4GB",
        ["logging_collector"] = "off",
        // What follows keeps customers' data out of the log: statements, parameters, details, and the errors themselves,
        // whose first line may quote a value. The service logs its own errors; starts, stops and crashes are still told.
        ["log_min_messages"] = "log",
        ["log_min_error_statement"] = "panic",
        ["log_error_verbosity"] = "terse",
        ["log_parameter_max_length_on_error"] = "0",
        ["log_checkpoints"] = "off",
        ["log_startup_progress_interval"] = "1s", // how far a recovery is: what makes progress is waited for
    };

    private static string Quoted(string argument) =>
        OperatingSystem.IsWindows() ? $"\"{argument.Replace("\"", "\\\"")}\"" : $"'{argument.Replace("'", @"'\''")}'";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
