using System.Collections.Concurrent;
using CallbackReceiver.Storage;
using CallbackReceiver.Storage.Embedded;
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

    /// <summary>Files written at once: a file system's journal makes them durable together, a batch in the time of a few files.</summary>
    private static readonly ParallelOptions Several = new() { MaxDegreeOfParallelism = 8 };

    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(10);

    private readonly string directory;
    private readonly long maxBytes;
    private readonly ILogger<Spool> logger;
    private long bytes;

    public Spool(IOptions<SpoolOptions> options, IConfiguration configuration, ILogger<Spool> logger)
    {
        directory = Path.GetFullPath(DirectoryOf(options.Value, configuration));
        maxBytes = options.Value.MaxBytes;
        this.logger = logger;
    }

    /// <summary>Whether a file can be written there now.</summary>
    public bool IsWritable
    {
        get
        {
            try
            {
                MakeDirectory();
                using var probe = new FileStream(Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Keeps the deliveries, and returns when they would survive a power cut.</summary>
    /// <returns>One receipt a delivery, null for one that there is no room for; null where nothing could be written.</returns>
    public Receipt?[]? Write(IReadOnlyList<Delivery> deliveries)
    {
        if (maxBytes == 0)
            return null;
        try
        {
            MakeDirectory();
            var receipts = new Receipt?[deliveries.Count];
            var failures = new ConcurrentBag<Exception>();
            Parallel.For(0, receipts.Length, Several, i => receipts[i] = TryWriteOne(deliveries[i], failures));
            DurableDirectory.Sync(directory);
            if (failures.TryPeek(out var failure))
                logger.SpoolFailed(failures.Count, failure.Message);
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
        DeleteAbandoned();
        var files = new DirectoryInfo(directory).GetFiles("*" + Finished);
        Interlocked.Exchange(ref bytes, files.Sum(LengthOf));
        return [.. files.Select(file => file.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>What waits there now, whichever replica wrote it.</summary>
    /// <returns>Null where the folder cannot be read.</returns>
    public SpoolDepth? Measure()
    {
        try
        {
            return Directory.Exists(directory) ? Measure(new DirectoryInfo(directory).EnumerateFiles()) : default(SpoolDepth);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static SpoolDepth Measure(IEnumerable<FileInfo> files)
    {
        var (depth, first) = (default(SpoolDepth), (string?)null);
        foreach (var file in files)
        {
            if (file.Extension == Damaged)
                depth.Damaged++;
            if (file.Extension != Finished)
                continue;
            depth.Files++;
            depth.Bytes += LengthOf(file);
            if (first is null || string.CompareOrdinal(file.Name, first) < 0)
                first = file.Name;
        }

        depth.OldestReceivedAt = first is null ? null : SpoolFile.ReceivedAt(first);
        return depth;
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // another replica has stored it
        }
    }

    /// <returns>Null where the file is gone, stored by another replica, or is damaged: then it is set aside.</returns>
    public Delivery? Read(string name)
    {
        try
        {
            if (SpoolFile.Read(File.ReadAllBytes(Path.Combine(directory, name))) is { } delivery)
                return delivery;
            SetAside(name);
        }
        catch (FileNotFoundException)
        {
            // Another replica has stored it.
        }

        return null;
    }

    /// <summary>The deliveries of a meeting that wait, with their names.</summary>
    public IReadOnlyList<(string Name, Delivery Delivery)> OfMeeting(string workspaceId, string meetingId) =>
    [
        .. List()
            .Select(name => (Name: name, Delivery: Read(name)!))
            .Where(file => file.Delivery is not null && file.Delivery.WorkspaceId == workspaceId && file.Delivery.Ledger.MeetingId == meetingId),
    ];

    /// <summary>Puts a file that cannot be stored out of the way, for a person to look at.</summary>
    private void SetAside(string name)
    {
        logger.SpoolFileDamaged(name);
        var file = Path.Combine(directory, name);
        File.Move(file, file + Damaged, overwrite: true);
    }

    public void Delete(string name) => File.Delete(Path.Combine(directory, name));

    /// <summary>What a killed process left half written was never answered with 2xx.</summary>
    private void DeleteAbandoned()
    {
        foreach (var file in new DirectoryInfo(directory).GetFiles("*" + Unfinished).Where(file => file.LastWriteTimeUtc < DateTime.UtcNow - Abandoned))
            file.Delete();
    }

    /// <summary>A delivery that the disk has no room for refuses no other: a smaller one may fit.</summary>
    private Receipt? TryWriteOne(Delivery delivery, ConcurrentBag<Exception> failures)
    {
        var size = delivery.Body.Bytes.Length + 1024L;
        if (Interlocked.Add(ref bytes, size) > maxBytes)
        {
            Interlocked.Add(ref bytes, -size);
            return null;
        }

        try
        {
            WriteOne(delivery);
            return new Receipt(Outcome.Spooled, delivery.Id, delivery.WorkspaceId, delivery.Ledger.MeetingId);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Interlocked.Add(ref bytes, -size);
            failures.Add(exception);
            return null;
        }
    }

    private void WriteOne(Delivery delivery)
    {
        var name = Path.Combine(directory, SpoolFile.NameOf(delivery));
        try
        {
            using (var file = new FileStream(name + Unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                SpoolFile.Write(file, delivery);
                file.Flush(flushToDisk: true);
            }

            File.Move(name + Unfinished, name + Finished);
        }
        catch
        {
            File.Delete(name + Unfinished);
            throw;
        }
    }

    /// <summary>A folder that is new is made as durable as what will be in it.</summary>
    private void MakeDirectory()
    {
        if (Directory.Exists(directory))
            return;
        Directory.CreateDirectory(directory);
        if (Path.GetDirectoryName(directory) is { } parent)
            DurableDirectory.Sync(parent);
    }

    private static string DirectoryOf(SpoolOptions options, IConfiguration configuration)
    {
        if (options.Directory.Length > 0)
            return options.Directory;
        var state = configuration[$"{EmbeddedPostgresOptions.Section}:{nameof(EmbeddedPostgresOptions.Directory)}"];
        return Path.Combine(string.IsNullOrWhiteSpace(state) ? StateFolder.Default : state, "spool");
    }
}

/// <summary>What waits in the spool's folder.</summary>
internal struct SpoolDepth
{
    /// <summary>Deliveries that wait to be stored.</summary>
    public int Files { get; set; }

    /// <summary>What they take, in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>Files that were set aside.</summary>
    public int Damaged { get; set; }

    /// <summary>When the first of those that wait was received; null where none waits.</summary>
    public DateTimeOffset? OldestReceivedAt { get; set; }
}
