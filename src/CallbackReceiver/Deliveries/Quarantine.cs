using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Deliveries;

/// <summary>Why deliveries are quarantined.</summary>
/// <param name="Deliveries">How many were looked at: the newest ones, up to 10,000.</param>
/// <param name="Complete">Whether there are no older ones that were not looked at.</param>
/// <param name="Groups">The most frequent reasons, the most frequent first.</param>
internal sealed record QuarantineView(long Deliveries, bool Complete, IReadOnlyList<QuarantineGroup> Groups);

/// <summary>Deliveries that are quarantined for the same reason.</summary>
/// <param name="Path">Where the first error is: a JSON pointer, with `*` for a place in a list.</param>
/// <param name="Reason">What is wrong there. With `path` the filter that finds these deliveries.</param>
/// <param name="Deliveries">How many there are.</param>
/// <param name="FirstReceivedAt">When the first of them was received.</param>
/// <param name="LastReceivedAt">When the last of them was received.</param>
/// <param name="SampleDeliveryId">The last of them.</param>
internal sealed record QuarantineGroup(string Path, string Reason, long Deliveries, DateTime FirstReceivedAt, DateTime LastReceivedAt, Guid SampleDeliveryId);

/// <summary>Groups what is quarantined by its first error, so that each delivery is in one group.</summary>
internal sealed class Quarantine(ReadDatabase database)
{
    /// <summary>However many are quarantined, a look takes no longer than this many.</summary>
    private const int MostDeliveries = 10_000;

    private const string Group = $"""
        SELECT coalesce(path, ''), coalesce(reason, ''), count(*), min(received_at), max(received_at), (array_agg(delivery_id ORDER BY delivery_id DESC))[1], (sum(count(*)) OVER ())::bigint
        FROM (
            SELECT delivery_id, received_at, {QuarantineReason.PathInSql} AS path, {QuarantineReason.ReasonInSql} AS reason FROM deliveries
            WHERE workspace_id = $1 AND outcome <> 'stored' AND outcome = 'quarantined'
                AND delivery_id >= $2 AND received_at >= $3 AND delivery_id < $4 AND received_at < $5
            ORDER BY delivery_id DESC
            LIMIT $6
        ) AS newest
        GROUP BY path, reason
        ORDER BY 3 DESC, reason, path
        LIMIT 200
        """;

    /// <summary>Groups those received within a time.</summary>
    public async Task<QuarantineView> ReadAsync(string workspaceId, DateTime from, DateTime to, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Group, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = TimeOrderedId.FirstOf(from) },
                new() { Value = from, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = TimeOrderedId.EndOf(to) },
                new() { Value = to, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = MostDeliveries },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var groups = new List<QuarantineGroup>();
        var deliveries = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            groups.Add(new QuarantineGroup(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetDateTime(3), reader.GetDateTime(4), reader.GetGuid(5)));
            deliveries = reader.GetInt64(6);
        }

        return new QuarantineView(deliveries, deliveries < MostDeliveries, groups);
    }
}
