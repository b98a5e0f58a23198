using System.Data;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Meetings.Searching;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// The deliveries that are no analysis and name a meeting where the ledger does not know it: it knows none of theirs, as what a version before
/// this one stored, or they name several. Their bodies are looked into, one in memory at a time.
/// </summary>
internal sealed class NamingBodies(string workspaceId, string meetingId)
{
    private const string SelectBodies = """
        SELECT delivery_id, body FROM deliveries
        WHERE workspace_id = $1 AND outcome <> 'stored' AND outcome IN ('quarantined', 'ignored') AND body IS NOT NULL
            AND (meeting_id IS NULL OR errors @> $2) AND delivery_id <> ALL ($3)
        """;

    private static readonly string Several = new LedgerContent(Outcome.Ignored, null, null, OtherMeetings: []).ErrorsJson!;

    private readonly List<Guid> seen = [];
    private readonly List<Guid> found = [];

    public IReadOnlyCollection<Guid> Found => found;

    /// <summary>Looks into the bodies that it has not looked into before.</summary>
    public async Task LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SelectBodies, connection)
        {
            Parameters =
            {
                new() { Value = workspaceId },
                new() { Value = Several, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = seen.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            seen.Add(reader.GetGuid(0));
            using var body = await LongValue.ReadBytesAsync(reader, 1, cancellationToken);
            if (MeetingNames.Name(body.Span, meetingId))
                found.Add(seen[^1]);
        }
    }
}
