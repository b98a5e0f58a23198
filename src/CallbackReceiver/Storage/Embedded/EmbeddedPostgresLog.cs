namespace CallbackReceiver.Storage.Embedded;

/// <summary>The log messages of the service's own PostgreSQL (event ids 7100 to 7199). Never the password.</summary>
internal static partial class EmbeddedPostgresLog
{
    [LoggerMessage(7100, LogLevel.Information, "Making a database of PostgreSQL {Major} in {Directory}")]
    public static partial void Initialising(this ILogger logger, int major, string directory);

    [LoggerMessage(7101, LogLevel.Information, "PostgreSQL {Major} from {BinDirectory} serves {Directory} on 127.0.0.1:{Port} (process {ProcessId}), after {Seconds:0.0} s")]
    public static partial void Started(this ILogger logger, int major, string binDirectory, string directory, int port, int processId, double seconds);

    [LoggerMessage(7102, LogLevel.Information, "PostgreSQL refuses to run as root; it runs as {User}")]
    public static partial void RunsAs(this ILogger logger, string user);

    [LoggerMessage(7103, LogLevel.Debug, "PostgreSQL {Major} in {Directory} is passed over")]
    public static partial void PassedOver(this ILogger logger, string directory, int major);

    [LoggerMessage(7104, LogLevel.Information, "There is no PostgreSQL on this machine; fetching version {Version} into {Directory}")]
    public static partial void Fetching(this ILogger logger, string version, string directory);

    [LoggerMessage(7105, LogLevel.Debug, "Port {Port} was taken before PostgreSQL could listen on it; trying another")]
    public static partial void PortTaken(this ILogger logger, int port);

    [LoggerMessage(7106, LogLevel.Warning, "The service's last run did not stop its PostgreSQL (process {ProcessId}, port {Port}); stopping it")]
    public static partial void StoppingOrphan(this ILogger logger, int processId, int port);

    [LoggerMessage(7107, LogLevel.Warning, "{File} was left by a server that was killed, and its process id {ProcessId} is another process now; removing the file")]
    public static partial void RemovingStaleFile(this ILogger logger, string file, int processId);

    [LoggerMessage(7108, LogLevel.Warning, "PostgreSQL (process {ProcessId}) ended unexpectedly; starting it again on port {Port}")]
    public static partial void EndedUnexpectedly(this ILogger logger, int processId, int port);

    [LoggerMessage(7109, LogLevel.Error, "PostgreSQL could not be started; the next try follows, and callbacks are spooled meanwhile: {Reason}")]
    public static partial void StartFailed(this ILogger logger, string reason);

    [LoggerMessage(7110, LogLevel.Error, "PostgreSQL ended {Count} times within {Period}; waiting {Delay} before the next start")]
    public static partial void EndsTooOften(this ILogger logger, int count, TimeSpan period, TimeSpan delay);

    [LoggerMessage(7111, LogLevel.Warning, "PostgreSQL did not stop within {Limit}; stopping it at once")]
    public static partial void StopTookTooLong(this ILogger logger, TimeSpan limit);

    [LoggerMessage(7112, LogLevel.Information, "PostgreSQL has stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(7113, LogLevel.Warning, "{What}; it is waited for")]
    public static partial void WaitsFor(this ILogger logger, string what);

    [LoggerMessage(7114, LogLevel.Information, "Starting PostgreSQL {Major} on {Directory}; until it takes connections callbacks are spooled, and queries are answered 503")]
    public static partial void Starting(this ILogger logger, int major, string directory);

    [LoggerMessage(7115, LogLevel.Information, "PostgreSQL has been starting for {Seconds} s and is waited for: {Progress}")]
    public static partial void StillStarting(this ILogger logger, long seconds, string progress);

    [LoggerMessage(7116, LogLevel.Warning, "The PostgreSQL of the service's last run (process {ProcessId}) recovers or stops; it is waited for as long as it makes progress")]
    public static partial void WaitsForOrphan(this ILogger logger, int processId);

    [LoggerMessage(7117, LogLevel.Error, "PostgreSQL cannot be started, and nothing waits in the spool: the service stops")]
    public static partial void GivesUp(this ILogger logger);

    [LoggerMessage(7118, LogLevel.Warning, "{Folder}, left by a first start that was killed, cannot be removed yet: {Reason}")]
    public static partial void CannotRemove(this ILogger logger, string folder, string reason);
}
