namespace CallbackReceiver.Storage.Embedded;

/// <summary>
/// Whether a server that does not answer is at work, such as on its recovery: it writes to its log, or it and its children use the processor
/// or the disk.
/// </summary>
/// <param name="log">The server's log, to which it reports every second how far a recovery is.</param>
/// <param name="process">The id of the server, or of the process that starts it.</param>
/// <param name="isServer">Whether it is the server; else only its descendants count.</param>
/// <param name="time">Measures how long nothing has changed.</param>
internal sealed class ServerActivity(ServerLog log, int process, bool isServer, TimeProvider time)
{
    /// <summary>What hangs wakes up as well, for thousandths of a second a minute.</summary>
    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(50);

    private long lastLength = log.Length;
    private ProcessUsage lastUsage = ProcessTree.Measure(process, isServer);
    private long lastChange = time.GetTimestamp();

    /// <summary>Looks once more.</summary>
    /// <returns>For how long nothing has changed.</returns>
    public TimeSpan LookForIdleTime()
    {
        var (length, usage) = (log.Length, ProcessTree.Measure(process, isServer));
        if (length != lastLength || usage.DiskBytes != lastUsage.DiskBytes || (usage.Processor - lastUsage.Processor).Duration() >= Noticeable)
            (lastLength, lastUsage, lastChange) = (length, usage, time.GetTimestamp());
        return time.GetElapsedTime(lastChange);
    }
}
