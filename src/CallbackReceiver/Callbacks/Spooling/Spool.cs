using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// Keeps deliveries on disk while PostgreSQL is away, one file each. A file is written under another name, synchronised, renamed, and the
/// folder synchronised: at whatever byte the process is killed, a delivery is there whole or not at all. Replicas may share the folder:
/// storing a delivery twice changes nothing, so that it does not matter which of them stores it.
/// </summary>
internal sealed class Spool
{
    private const string Unfinished = ".unfinished";
    private const string Finished = ".delivery";
    private const string Damaged = ".damaged";

    private readonly string directory;
    private readonly long maxBytes;
    private readonly ILogger<Spool> logger;
    private long bytes;

    public Spool(IOptions<SpoolOptions> options, StateFolder state, ILogger<Spool> logger)
    {
        directory = options.Value.Directory is { Length: > 0 } configured ? configured : Path.Combine(state.Path, "spool");
        maxBytes = options.Value.MaxBytes;
        this.logger = logger;
    }

    /// <summary>Keeps the deliveries, and returns when they would survive a power cut.</summary>
    /// <returns>One receipt a delivery, null for one that there is no room for; null where nothing could be written.</returns>
    public Receipt?[]? Write(IReadOnlyList<Delivery> deliveries)
    {
        if (maxBytes == 0)
            return null;
        try
        {
            Directory.CreateDirectory(directory);
            var receipts = deliveries.Select(WriteOne).ToArray();
            DurableDirectory.Sync(directory);
            return receipts;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.SpoolFailed(deliveries.Count, exception.Message);
            return null;
        }
    }

    /// <summary>The names of the deliveries that wait, in the order in which they were received.</summary>
    public IReadOnlyList<string> List()
    {
        if (!Directory.Exists(directory))
            return [];
        var files = new DirectoryInfo(directory).GetFiles("*" + Finished);
        Interlocked.Exchange(ref bytes, files.Sum(file => file.Length));
        return [.. files.Select(file => file.FullName).Order(StringComparer.Ordinal)];
    }

    /// <returns>Null where the file is gone, stored by another replica, or is damaged: then it is set aside.</returns>
    public Delivery? Read(string name)
    {
        try
        {
            if (SpoolFile.Read(File.ReadAllBytes(name)) is { } delivery)
                return delivery;
            SetAside(name);
        }
        catch (FileNotFoundException)
        {
            // Another replica has stored it.
        }

        return null;
    }

    /// <summary>Puts a file that cannot be stored out of the way, for a person to look at.</summary>
    public void SetAside(string name)
    {
        logger.SpoolFileDamaged(Path.GetFileName(name));
        File.Move(name, name + Damaged, overwrite: true);
    }

    public void Delete(string name) => File.Delete(name);

    private Receipt? WriteOne(Delivery delivery)
    {
        var size = delivery.Body.Bytes.Length + 1024L;
        if (Interlocked.Add(ref bytes, size) > maxBytes)
        {
            Interlocked.Add(ref bytes, -size);
            return null;
        }

        var name = Path.Combine(directory, SpoolFile.NameOf(delivery));
        using (var file = new FileStream(name + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            SpoolFile.Write(file, delivery);
            file.Flush(flushToDisk: true);
        }

        File.Move(name + Unfinished, name + Finished);
        return new Receipt(Outcome.Spooled, delivery.Id, delivery.WorkspaceId, delivery.Ledger.MeetingId);
    }
}
