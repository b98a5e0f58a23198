using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Counts deliveries by outcome and interval. Only indexes are read: the primary key says how many there are, an index of what is not stored says
/// how many are not, and the others are stored.
/// </summary>
internal sealed class DeliveryCounter(ReadDatabase database)
{
    // One statement, so that all is counted in the same state. Ids are in the order of time.
    private const string Count = """
        SELECT i.number::int, NULL, c.deliveries
        FROM unnest($2, $3) WITH ORDINALITY AS i (from_id, to_id, number) CROSS JOIN LATERAL (
            SELECT count(*) AS deliveries FROM deliveries d WHERE d.workspace_id = $1 AND d.delivery_id >= i.from_id AND d.delivery_id < i.to_id) AS c
        UNION ALL
        SELECT width_bucket(d.delivery_id, $2), d.outcome, count(*) FROM deliveries d
        WHERE d.workspace_id = $1 AND d.outcome <> 'stored' AND d.delivery_id >= $4 AND d.delivery_id < $5
        GROUP BY 1, 2
        UNION ALL
        SELECT width_bucket(u.delivery_id, $2), 'unverified', count(*) FROM unverified_deliveries u
        WHERE u.workspace_id = $1 AND u.delivery_id >= $4 AND u.delivery_id < $5
        GROUP BY 1
        """;

    private const string Stored = "stored";
    private static readonly string[] Outcomes = [Stored, "ignored", "quarantined", "erased", DeliveryView.UnverifiedOutcome];

    /// <summary>Counts.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="time">The time that is counted, in whole milliseconds, as the ids are.</param>
    /// <param name="calendar">The intervals.</param>
    /// <param name="bounds">The moments at which they begin and end.</param>
    /// <param name="cancellationToken">Ends the counting.</param>
    public async Task<DeliveryCounts> CountAsync(string workspaceId, TimeRange time, Calendar calendar, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancellationToken)
    {
        var intervals = Enumerable.Range(0, bounds.Count - 1).Select(_ => NoDeliveries()).ToArray();
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            await using var command = CommandOf(connection, workspaceId, time, bounds);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                Add(intervals[reader.GetInt32(0) - 1], reader.GetNullableText(1), reader.GetInt64(2));
        }

        var all = NoDeliveries();
        foreach (var outcome in Outcomes)
            all[outcome] = intervals.Sum(interval => interval[outcome]);
        return new DeliveryCounts
        {
            ReceivedFrom = time.From,
            ReceivedTo = time.To,
            Interval = calendar.Interval,
            TimeZone = calendar.TimeZone,
            Deliveries = all.Values.Sum(),
            Outcomes = all,
            Series = [.. intervals.Select((counts, number) => new IntervalDeliveries(bounds[number], bounds[number + 1], counts.Values.Sum(), counts))],
        };
    }

    private static NpgsqlCommand CommandOf(NpgsqlConnection connection, string workspaceId, TimeRange time, IReadOnlyList<DateTimeOffset> bounds)
    {
        var (first, end) = (TimeOrderedId.FirstOf(time.From), TimeOrderedId.FirstOf(time.To));
        var ids = bounds.Select(bound => TimeOrderedId.FirstOf(bound)).ToArray();
        (ids[0], ids[^1]) = (first, end); // of the outer intervals only what is asked for
        return new NpgsqlCommand(Count, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = ids[..^1], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = ids[1..], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new() { Value = first },
                new() { Value = end },
            },
        };
    }

    private static OrderedDictionary<string, long> NoDeliveries() => new(Outcomes.Select(outcome => KeyValuePair.Create(outcome, 0L)));

    /// <param name="counts">Of the interval.</param>
    /// <param name="outcome">Null for all that the ledger has: what is not counted otherwise is stored.</param>
    /// <param name="deliveries">How many.</param>
    private static void Add(OrderedDictionary<string, long> counts, string? outcome, long deliveries)
    {
        counts[outcome ?? Stored] += deliveries;
        if (outcome is not (null or DeliveryView.UnverifiedOutcome))
            counts[Stored] -= deliveries;
    }
}
