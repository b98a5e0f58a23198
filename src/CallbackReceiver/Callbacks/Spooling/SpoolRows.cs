using System.Globalization;
using System.Security.Cryptography;
using CallbackReceiver.Storage;
using Microsoft.Data.Sqlite;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>The rows of the spool's file, with their numbers in memory. Not safe for use by several threads at once.</summary>
internal sealed class SpoolRows : IDisposable
{
    /// <summary>What a row takes beside the body, at most.</summary>
    private const int RowBytes = 1024;

    /// <summary>When a row is due whose bytes are not those that were received: never.</summary>
    private const long Never = long.MaxValue;

    private const long FirstPause = 1000;
    private const long LongestPause = 3_600_000;

    private const string Columns = "delivery_id, received_at, workspace_id, key_id, body_sha256, body";

    private const string Insert = """
        INSERT INTO deliveries (delivery_id, target, attempts, due_at, failure, received_at, workspace_id, meeting_id, key_id, body_sha256, bytes, body)
        VALUES ($id, $target, $attempts, $due, $failure, $received, $workspace, $meeting, $key, $sha256, $bytes, $body)
        ON CONFLICT DO NOTHING
        """;

    private long target;
    private long deliveries;
    private long bytes;
    private long held;
    private long ofOthers;
    private long damaged;
    private long? oldest;

    private readonly SpoolFile file;

    // Deliveries that are stored, while the disk has no room to delete them: SQLite writes what it deletes too.
    private readonly HashSet<string> undeleted = new(StringComparer.Ordinal);

    /// <summary>Takes over the file, which is closed with this.</summary>
    public SpoolRows(SpoolFile file)
    {
        this.file = file;
        deliveries = file.Scalar<long>("SELECT count(*) FROM deliveries");
        bytes = file.Scalar<long>("SELECT coalesce(sum(bytes), 0) FROM deliveries");
        Recount();
    }

    public SpoolFile File => file;

    public bool IsInPlace => file.IsInPlace;

    public SpoolDepth Depth => new(deliveries, bytes, held, ofOthers, damaged, oldest is { } microseconds ? TimeOf(microseconds) : null);

    /// <summary>What a delivery counts for against the bound.</summary>
    public static long SizeOf(Delivery delivery) => delivery.Body.Bytes.Length + RowBytes;

    /// <summary>
    /// Notes which database deliveries are for from now on. Those that were spooled by the same connection before the database was known, or
    /// for the same database by another connection, are for it as well.
    /// </summary>
    public void AimAt(DatabaseTarget database, bool takeFromOthers)
    {
        target = TargetOf(database.Connection, database.Id?.ToString());
        file.Run(
            """
            UPDATE deliveries SET target = $target WHERE target <> $target AND ($all OR target IN (
                SELECT target FROM targets WHERE database_id = $id OR (database_id IS NULL AND connection = $connection)))
            """,
            ("$target", target), ("$all", takeFromOthers), ("$connection", database.Connection), ("$id", database.Id?.ToString()));
        ofOthers = file.Scalar<long>("SELECT count(*) FROM deliveries WHERE target <> $target", ("$target", target));
    }

    /// <summary>Adds the deliveries in one commit.</summary>
    /// <exception cref="SqliteException">None of them is added.</exception>
    public void Add(IReadOnlyCollection<Delivery> added, string? failure, long now) => Add(added, target, failure, now);

    private void Add(IReadOnlyCollection<Delivery> added, long target, string? failure, long now)
    {
        using var transaction = file.Connection.BeginTransaction();
        using var insert = file.Command(Insert, ("$target", target), ("$attempts", failure is null ? 0 : 1), ("$due", failure is null ? 0 : now + FirstPause), ("$failure", failure));
        var inserted = added.Where(delivery => InsertRow(insert, delivery) > 0).ToList(); // what is there already is left as it is
        foreach (var delivery in inserted)
            InsertOtherMeetings(delivery);
        transaction.Commit();
        deliveries += inserted.Count;
        bytes += inserted.Sum(SizeOf);
        Recount();
    }

    /// <summary>Whether every row that is left could only not be deleted: the file can go as a whole, which needs no room.</summary>
    public bool IsUndeletedOnly => undeleted.Count > 0 && undeleted.Count == deliveries;

    public IReadOnlyList<Delivery> Take(int maxDeliveries, long maxBytes)
    {
        using var command = file.Command(
            $"SELECT {Columns} FROM deliveries WHERE target = $target AND attempts = 0 ORDER BY received_at, delivery_id LIMIT $limit",
            ("$target", target), ("$limit", maxDeliveries + undeleted.Count));
        return Read(command, maxBytes);
    }

    public Delivery? TakeHeld(long now)
    {
        using var command = file.Command(
            $"SELECT {Columns} FROM deliveries WHERE target = $target AND attempts > 0 AND due_at <= $now ORDER BY due_at LIMIT 1",
            ("$target", target), ("$now", now));
        return Read(command, 0) is [var first, ..] ? first : null;
    }

    public IReadOnlyList<Delivery> OfMeeting(string workspaceId, string meetingId)
    {
        using var command = file.Command(
            $"""
            SELECT {Columns} FROM deliveries
            WHERE workspace_id = $workspace AND (meeting_id = $meeting OR delivery_id IN (SELECT delivery_id FROM other_meetings WHERE meeting_id = $meeting))
            """,
            ("$workspace", workspaceId), ("$meeting", meetingId));
        return Read(command, long.MaxValue);
    }

    /// <summary>Removes the deliveries in one commit; without room for it they are only not taken again.</summary>
    public void Remove(IReadOnlyCollection<Delivery> removed)
    {
        try
        {
            Delete([.. removed.Select(KeyOf), .. undeleted]);
            undeleted.Clear();
        }
        catch (SqliteException full) when (SpoolException.IsWantOfRoom(full))
        {
            undeleted.UnionWith(removed.Select(KeyOf));
        }

        if (deliveries == 0)
            file.Shrink();
    }

    private void Delete(IEnumerable<string> ids)
    {
        using var transaction = file.Connection.BeginTransaction();
        using var delete = file.Command("DELETE FROM other_meetings WHERE delivery_id = $id; DELETE FROM deliveries WHERE delivery_id = $id RETURNING bytes");
        var (rows, size) = (0, 0L);
        foreach (var id in ids)
        {
            delete.Parameters.Clear();
            delete.Parameters.AddWithValue("$id", id);
            if (delete.ExecuteScalar() is not long freed)
                continue;
            rows++;
            size += freed;
        }

        transaction.Commit();
        deliveries -= rows;
        bytes -= size;
        Recount();
    }

    /// <summary>Keeps a delivery back; twice as long as the last time, up to an hour.</summary>
    public void Hold(Delivery delivery, string failure, long now)
    {
        file.Run(
            "UPDATE deliveries SET failure = $failure, attempts = attempts + 1, due_at = $now + min($longest, $first << min(attempts, 20)) WHERE delivery_id = $id",
            ("$failure", failure), ("$now", now), ("$first", FirstPause), ("$longest", LongestPause), ("$id", KeyOf(delivery)));
        Recount();
    }

    /// <summary>Nothing of what was deleted is left on the disk after this.</summary>
    public void EmptyLog() => file.EmptyLog();

    /// <summary>Writes something, and synchronises it, to see whether that is possible.</summary>
    public void Touch() => file.Run("PRAGMA user_version = 1");

    /// <summary>Adds all rows of another file that can be read, each for the database that it was for.</summary>
    /// <returns>How many there were.</returns>
    public int AddReadable(SpoolFile other)
    {
        // From both ends: what is damaged in the middle then hides nothing but itself.
        var before = deliveries;
        foreach (var order in new[] { "ASC", "DESC" })
        {
            try
            {
                using var command = other.Command($"SELECT {Columns}, connection, database_id FROM deliveries JOIN targets USING (target) ORDER BY deliveries.rowid {order}");
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    if (DeliveryOf(reader) is { } delivery)
                        Add([delivery], TargetOf(reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7)), failure: null, now: 0);
                }
            }
            catch (SqliteException damage) when (SpoolException.IsDamage(damage))
            {
                // The rest cannot be read from this end.
            }
        }

        return (int)(deliveries - before);
    }

    private long TargetOf(string connection, string? databaseId)
    {
        (string, object?)[] values = [("$connection", connection), ("$id", databaseId)];
        var known = file.Scalar<long>("SELECT target FROM targets WHERE connection = $connection AND database_id IS $id", values);
        return known != 0 ? known : file.Scalar<long>("INSERT INTO targets (connection, database_id) VALUES ($connection, $id) RETURNING target", values);
    }

    public void Dispose() => file.Dispose();

    private List<Delivery> Read(SqliteCommand command, long maxBytes)
    {
        var read = new List<Delivery>();
        var unfit = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            for (var size = 0L; (read.Count == 0 || size < maxBytes) && reader.Read();)
            {
                if (undeleted.Contains(reader.GetString(0)))
                    continue;
                if (DeliveryOf(reader) is not { } delivery)
                {
                    unfit.Add(reader.GetString(0));
                    continue;
                }

                read.Add(delivery);
                size += delivery.Body.Bytes.Length;
            }
        }

        foreach (var id in unfit)
            file.Run("UPDATE deliveries SET attempts = attempts + 1, failure = 'damaged', due_at = $never WHERE delivery_id = $id", ("$never", Never), ("$id", id));
        if (unfit.Count > 0)
            Recount();
        return read;
    }

    private static int InsertRow(SqliteCommand insert, Delivery delivery)
    {
        foreach (var (name, value) in new (string, object?)[]
        {
            ("$id", KeyOf(delivery)), ("$received", MicrosecondsOf(delivery.ReceivedAt)), ("$workspace", delivery.WorkspaceId), ("$meeting", delivery.Ledger.MeetingId),
            ("$key", delivery.Body.KeyId), ("$sha256", delivery.Sha256), ("$bytes", SizeOf(delivery)), ("$body", delivery.Body.Bytes.ToArray()),
        })
        {
            if (insert.Parameters.Contains(name))
                insert.Parameters[name].Value = value ?? DBNull.Value;
            else
                insert.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return insert.ExecuteNonQuery();
    }

    /// <summary>A body that is no analysis may name several meetings; it goes when any of them is erased.</summary>
    private void InsertOtherMeetings(Delivery delivery)
    {
        foreach (var meetingId in delivery.Ledger.OtherMeetings ?? [])
            file.Run("INSERT OR IGNORE INTO other_meetings (meeting_id, delivery_id) VALUES ($meeting, $id)", ("$meeting", meetingId), ("$id", KeyOf(delivery)));
    }

    /// <summary>Asks for the numbers that an index gives at once.</summary>
    private void Recount()
    {
        held = file.Scalar<long>("SELECT count(*) FROM deliveries WHERE attempts > 0");
        damaged = held == 0 ? 0 : file.Scalar<long>("SELECT count(*) FROM deliveries WHERE attempts > 0 AND due_at = $never", ("$never", Never));
        oldest = deliveries == 0 ? null : file.Scalar<long>("SELECT min(received_at) FROM deliveries");
    }

    /// <returns>Null where the bytes are not those that were received.</returns>
    private static Delivery? DeliveryOf(SqliteDataReader row)
    {
        var body = row.GetFieldValue<byte[]>(5);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(4)))
            return null;
        var verified = VerifiedBody.Restore(row.GetString(2), row.GetString(3), body);
        return new Delivery(Guid.ParseExact(row.GetString(0), "N"), verified, CallbackParser.Parse(verified), TimeOf(row.GetInt64(1)));
    }

    private static string KeyOf(Delivery delivery) => delivery.Id.ToString("N", CultureInfo.InvariantCulture);

    private static long MicrosecondsOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset TimeOf(long microseconds) => new(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
