using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Puts meetings and their ledger rows into the tables as fast as PostgreSQL takes rows. The ledger rows have no body, as after its retention.</summary>
internal static class MeetingCopy
{
    private const string CopyDeliveries = """
        COPY deliveries (workspace_id, delivery_id, body_sha256, outcome, event_name, meeting_id, key_id, received_at, duplicates)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string CopyMeetings = """
        COPY meetings
            (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
             risk_factor, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string KeyId = "benchmark";

    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<MadeMeeting> meetings, CancellationToken cancellationToken)
    {
        await using (var deliveries = await connection.BeginBinaryImportAsync(CopyDeliveries, cancellationToken))
        {
            foreach (var meeting in meetings)
                await WriteDeliveryAsync(deliveries, meeting, cancellationToken);
            await deliveries.CompleteAsync(cancellationToken);
        }

        await using var importer = await connection.BeginBinaryImportAsync(CopyMeetings, cancellationToken);
        foreach (var meeting in meetings)
            await WriteMeetingAsync(importer, meeting, cancellationToken);
        await importer.CompleteAsync(cancellationToken);
    }

    private static async Task WriteDeliveryAsync(NpgsqlBinaryImporter row, MadeMeeting meeting, CancellationToken cancellationToken)
    {
        await row.StartRowAsync(cancellationToken);
        await row.WriteAsync(meeting.WorkspaceId, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.DeliveryId, NpgsqlDbType.Uuid, cancellationToken);
        await row.WriteAsync(meeting.BodySha256, NpgsqlDbType.Bytea, cancellationToken);
        await row.WriteAsync("stored", NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync("dashboard_analysis_finished", NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.MeetingId, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(KeyId, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
        await row.WriteAsync(0, NpgsqlDbType.Integer, cancellationToken);
    }

    private static async Task WriteMeetingAsync(NpgsqlBinaryImporter row, MadeMeeting meeting, CancellationToken cancellationToken)
    {
        await row.StartRowAsync(cancellationToken);
        await row.WriteAsync(meeting.WorkspaceId, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.MeetingId, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.Title, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.Summary, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.CustomerSatisfactionRating, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.AgentPerformanceRating, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.AgentPerformanceFeedback, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.RiskFactor, NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.Items, NpgsqlDbType.Jsonb, cancellationToken);
        await row.WriteAsync(meeting.Metadata, NpgsqlDbType.Jsonb, cancellationToken);
        await row.WriteAsync(meeting.Speakers, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken);
        await row.WriteAsync(meeting.Segments, NpgsqlDbType.Integer, cancellationToken);
        await row.WriteAsync(meeting.Transcript, NpgsqlDbType.Json, cancellationToken);
        await row.WriteAsync(new[] { meeting.DeliveryId }, NpgsqlDbType.Array | NpgsqlDbType.Uuid, cancellationToken);
        await row.WriteAsync(1, NpgsqlDbType.Integer, cancellationToken);
        await row.WriteAsync(meeting.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
        await row.WriteAsync(meeting.ReceivedAt, NpgsqlDbType.TimestampTz, cancellationToken);
    }
}
