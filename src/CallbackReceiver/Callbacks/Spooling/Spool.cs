using CallbackReceiver.Storage;
using CallbackReceiver.Storage.Embedded;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// Keeps deliveries on this replica's disk while PostgreSQL does not take them. A batch is one commit of one SQLite file, synchronised before
/// it returns: at whatever instruction the process is killed, a delivery is there whole or not at all. Nothing here grows with what waits: the
/// numbers are kept in memory, and rows are found by index.
/// </summary>
internal sealed class Spool : IDisposable
{
    private static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(5);

    private readonly SpoolOptions options;
    private readonly DatabaseTarget database;
    private readonly TimeProvider time;
    private readonly ILogger<Spool> logger;

    private readonly Lock gate = new();
    private SpoolRows? rows;
    private string? problem;
    private long? nextOpen;
    private long? nextProbe;
    private long movedAside;
    private long unreadableFiles;

    public Spool(IOptions<SpoolOptions> options, IConfiguration configuration, DatabaseTarget database, TimeProvider time, ILogger<Spool> logger)
    {
        this.options = options.Value;
        this.database = database;
        this.time = time;
        this.logger = logger;
        Folder = Path.GetFullPath(FolderOf(this.options, configuration));
    }

    /// <summary>The folder, where versions before this one may have left files of their own.</summary>
    public string Folder { get; }

    /// <summary>Whether the configuration lets deliveries be spooled.</summary>
    public bool IsOn => options.MaxBytes > 0;

    /// <summary>Keeps the deliveries, and returns when they would survive a power cut.</summary>
    /// <param name="deliveries">The deliveries.</param>
    /// <param name="failure">Why PostgreSQL does not take them although it takes others; null where they are just to be tried again.</param>
    /// <returns>One receipt a delivery, null for one that there is no room for; null where nothing could be written.</returns>
    public Receipt?[]? Write(IReadOnlyList<Delivery> deliveries, string? failure = null)
    {
        var receipts = new Receipt?[deliveries.Count];
        return Use(rows => WriteParts(rows, [.. deliveries], receipts, failure)) && Array.Exists(receipts, receipt => receipt is not null) ? receipts : null;
    }

    /// <summary>The deliveries for this database that were received first and are not held, up to these bounds; at least one, where there is one.</summary>
    public IReadOnlyList<Delivery> Take(int maxDeliveries, long maxBytes) => Get(rows => rows.Take(maxDeliveries, maxBytes)) ?? [];

    /// <summary>The next delivery that is held and due to be tried again.</summary>
    public Delivery? TakeHeld() => Get(rows => rows.TakeHeld(Now));

    /// <summary>The deliveries of a meeting that wait, for whichever database.</summary>
    public IReadOnlyList<Delivery> OfMeeting(string workspaceId, string meetingId) => Get(rows => rows.OfMeeting(workspaceId, meetingId)) ?? [];

    /// <summary>Removes deliveries that are stored. Should the file fail, they are stored once more, which changes nothing.</summary>
    public void Remove(IReadOnlyCollection<Delivery> deliveries) => Use(rows =>
    {
        rows.Remove(deliveries);
        if (!rows.IsUndeletedOnly)
            return;
        rows.File.Delete();
        this.rows = null;
    });

    /// <summary>Removes deliveries so that nothing of them, nor of any that was removed before, is left on the disk.</summary>
    /// <returns>False where the file failed.</returns>
    public bool Erase(IReadOnlyCollection<Delivery> deliveries) => !IsOn || Use(rows =>
    {
        rows.Remove(deliveries);
        rows.EmptyLog();
    });

    /// <summary>Keeps a delivery back that PostgreSQL does not take although it takes others: it is tried ever more rarely.</summary>
    public void Hold(Delivery delivery, string failure) => Use(rows => rows.Hold(delivery, failure, Now));

    /// <summary>Tells that the database is known by now, so that what was spooled before that is known to be for it.</summary>
    public void AimAtDatabase() => Use(rows => rows.AimAt(database, options.TakeFromOtherDatabases));

    /// <summary>Counts files in the folder that cannot be taken over from versions before this one.</summary>
    public void CountUnreadable(long files) => Interlocked.Exchange(ref unreadableFiles, files);

    /// <returns>What waits; null where the file cannot be opened: a 0 would be a lie.</returns>
    public SpoolDepth? Measure()
    {
        SpoolDepth? depth = IsOn ? null : default(SpoolDepth);
        Use(rows => depth = rows.Depth with { Damaged = rows.Depth.Damaged + movedAside + Interlocked.Read(ref unreadableFiles) });
        return depth;
    }

    /// <summary>Whether a delivery could be written now; looked at anew every few seconds, however often it is asked.</summary>
    /// <returns>Null where it could; else why not.</returns>
    public string? FindProblem()
    {
        lock (gate)
        {
            if (!IsOn || (rows is { IsInPlace: true } && nextProbe > Now))
                return problem;
            nextProbe = Now + (long)ProbePause.TotalMilliseconds;
        }

        Use(rows => rows.Touch());
        return problem;
    }

    public void Dispose()
    {
        lock (gate)
        {
            rows?.Dispose();
            rows = null;
        }
    }

    /// <summary>Milliseconds of the monotonic clock.</summary>
    private long Now => time.GetTimestamp() / (time.TimestampFrequency / 1000);

    /// <summary>A batch that the disk has no room for goes in ever smaller parts: a smaller delivery may fit.</summary>
    private void WriteParts(SpoolRows rows, ReadOnlySpan<Delivery> deliveries, Span<Receipt?> receipts, string? failure)
    {
        if (WriteFitting(rows, deliveries, receipts, failure))
            return;
        if (deliveries.Length == 1)
            return;
        var half = deliveries.Length / 2;
        WriteParts(rows, deliveries[..half], receipts[..half], failure);
        WriteParts(rows, deliveries[half..], receipts[half..], failure);
    }

    /// <summary>Writes those that are within <see cref="SpoolOptions.MaxBytes"/>.</summary>
    /// <returns>False where the disk does not take them together.</returns>
    private bool WriteFitting(SpoolRows rows, ReadOnlySpan<Delivery> deliveries, Span<Receipt?> receipts, string? failure)
    {
        var room = options.MaxBytes - rows.Depth.Bytes;
        var fitting = new List<Delivery>(deliveries.Length);
        var answers = new Receipt?[deliveries.Length];
        for (var i = 0; i < deliveries.Length; i++)
        {
            var delivery = deliveries[i];
            if (SpoolRows.SizeOf(delivery) > room)
                continue;
            room -= SpoolRows.SizeOf(delivery);
            fitting.Add(delivery);
            answers[i] = new Receipt(Outcome.Spooled, delivery.Id, delivery.WorkspaceId, delivery.Ledger.MeetingId);
        }

        try
        {
            if (fitting.Count > 0)
                rows.Add(fitting, failure, Now);
            answers.CopyTo(receipts);
            return true;
        }
        catch (SqliteException exception) when (!SpoolException.IsDamage(exception))
        {
            if (deliveries.Length == 1)
                logger.SpoolFailed(1, exception.Message);
            return false;
        }
    }

    private T? Get<T>(Func<SpoolRows, T?> get)
    {
        T? value = default;
        Use(rows => value = get(rows));
        return value;
    }

    /// <summary>Uses the file, and opens it first where it is not open, or is not there any more. A damaged one is replaced, and used once more.</summary>
    /// <returns>False where the spool is off or the file failed, which is logged, and said by <see cref="FindProblem"/>.</returns>
    private bool Use(Action<SpoolRows> use)
    {
        lock (gate)
        {
            return IsOn && (TryUse(use, out var isDamaged) || (isDamaged && TryUse(use, out _)));
        }
    }

    private bool TryUse(Action<SpoolRows> use, out bool isDamaged)
    {
        isDamaged = false;
        if (rows is not { IsInPlace: true } && nextOpen > Now)
            return false;
        try
        {
            if (rows is not { IsInPlace: true })
                Open();
            use(rows!);
            problem = null;
            return true;
        }
        catch (Exception failure) when (failure is SpoolException || SpoolException.IsOfTheFile(failure))
        {
            Report(failure is SpoolException ? failure.Message : $"{Folder} cannot be used by {ProcessUser.Name}: {failure.Message}");
            isDamaged = SpoolException.IsDamage(failure);
            if (isDamaged)
            {
                rows?.Dispose();
                rows = null; // it is moved aside when it is opened again
            }

            return false;
        }
    }

    /// <summary>Opens the file. The rows of one that was deleted while it was in use can still be read, and are brought over.</summary>
    private void Open()
    {
        nextOpen = Now + (long)ReopenPause.TotalMilliseconds;
        var opened = SpoolOpening.Open(Folder, rows, logger);
        rows?.Dispose();
        rows = opened;
        movedAside = SpoolFile.CountMovedAside(Folder);
        rows.AimAt(database, options.TakeFromOtherDatabases);
        nextOpen = null;
    }

    private void Report(string reason)
    {
        if (reason != problem)
            logger.SpoolUnusable(reason);
        problem = reason;
    }

    private static string FolderOf(SpoolOptions options, IConfiguration configuration)
    {
        if (options.Directory.Length > 0)
            return options.Directory;
        var state = configuration[$"{EmbeddedPostgresOptions.Section}:{nameof(EmbeddedPostgresOptions.Directory)}"];
        return Path.Combine(string.IsNullOrWhiteSpace(state) ? StateFolder.Default : state, "spool");
    }
}
