using CallbackReceiver.Callbacks;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Benchmarks.Baselines;

/// <summary>
/// One statement a delivery, in one round trip: the ledger's row and, where it is new, the meeting. The columns and what they mean are
/// those of the service's <c>DeliveryStatements</c>, but written on its own: a baseline that shared them would change with them.
/// </summary>
internal sealed class InsertStore(NpgsqlDataSource dataSource) : IBaselineStore
{
    private const string Store = """
        WITH ledger AS (
            INSERT INTO deliveries AS d
                (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
            ON CONFLICT (workspace_id, body_sha256) DO UPDATE SET duplicates = d.duplicates + 1
            RETURNING d.delivery_id, d.meeting_id, d.outcome, d.delivery_id = $2 AS is_new
        ), meeting AS (
            INSERT INTO meetings AS m
                (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
                 risk_factor, items, metadata, speakers, segments, delivery_ids, revision, first_received_at, received_at)
            SELECT $1, $7, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, ARRAY[$2], 1, $10, $10
            FROM ledger WHERE is_new AND outcome = 'stored'
            ON CONFLICT (workspace_id, meeting_id) DO UPDATE SET
                title = CASE WHEN excluded.received_at > m.received_at THEN excluded.title ELSE m.title END,
                summary = CASE WHEN excluded.received_at > m.received_at THEN excluded.summary ELSE m.summary END,
                customer_satisfaction_rating = CASE WHEN excluded.received_at > m.received_at THEN excluded.customer_satisfaction_rating ELSE m.customer_satisfaction_rating END,
                agent_performance_rating = CASE WHEN excluded.received_at > m.received_at THEN excluded.agent_performance_rating ELSE m.agent_performance_rating END,
                agent_performance_feedback = CASE WHEN excluded.received_at > m.received_at THEN excluded.agent_performance_feedback ELSE m.agent_performance_feedback END,
                risk_factor = CASE WHEN excluded.received_at > m.received_at THEN excluded.risk_factor ELSE m.risk_factor END,
                items = CASE WHEN excluded.received_at > m.received_at THEN excluded.items ELSE m.items END,
                metadata = CASE WHEN excluded.received_at > m.received_at THEN excluded.metadata ELSE m.metadata END,
                speakers = CASE WHEN excluded.received_at > m.received_at THEN excluded.speakers ELSE m.speakers END,
                segments = CASE WHEN excluded.received_at > m.received_at THEN excluded.segments ELSE m.segments END,
                revision = CASE WHEN excluded.received_at > m.received_at THEN cardinality(m.delivery_ids) + 1 ELSE m.revision END,
                delivery_ids = m.delivery_ids || excluded.delivery_ids,
                first_received_at = LEAST(m.first_received_at, excluded.first_received_at),
                received_at = GREATEST(m.received_at, excluded.received_at)
            RETURNING m.delivery_ids
        )
        SELECT l.delivery_id, l.meeting_id, l.is_new,
            array_position(
                COALESCE(m.delivery_ids, (SELECT k.delivery_ids FROM meetings AS k WHERE k.workspace_id = $1 AND k.meeting_id = l.meeting_id)),
                l.delivery_id)
        FROM ledger AS l LEFT JOIN meeting AS m ON true
        """;

    public async Task<Receipt> StoreAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Store);
        AddParameters(command.Parameters, delivery, (delivery.Content as ParsedCallback.Analysed)?.Analysis);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var isNew = reader.GetBoolean(2);
        return new Receipt(
            isNew ? delivery.Ledger.Outcome : Outcome.Duplicate,
            reader.GetGuid(0),
            delivery.WorkspaceId,
            reader.IsDBNull(1) ? null : reader.GetString(1),
            reader.IsDBNull(3) ? null : reader.GetInt32(3),
            isNew ? delivery.Ledger.Errors : null);
    }

    private static void AddParameters(NpgsqlParameterCollection parameters, Delivery delivery, Analysis? analysis)
    {
        parameters.Add(Of(NpgsqlDbType.Text, delivery.WorkspaceId));
        parameters.Add(Of(NpgsqlDbType.Uuid, delivery.Id));
        parameters.Add(Of(NpgsqlDbType.Bytea, delivery.Sha256));
        parameters.Add(Of(NpgsqlDbType.Bytea, delivery.Body.Bytes));
        parameters.Add(Of(NpgsqlDbType.Text, OutcomeNames.Of(delivery.Ledger.Outcome)));
        parameters.Add(Of(NpgsqlDbType.Text, delivery.Ledger.EventName));
        parameters.Add(Of(NpgsqlDbType.Text, delivery.Ledger.MeetingId));
        parameters.Add(Of(NpgsqlDbType.Jsonb, delivery.Ledger.ErrorsJson));
        parameters.Add(Of(NpgsqlDbType.Text, delivery.Body.KeyId));
        parameters.Add(Of(NpgsqlDbType.TimestampTz, delivery.ReceivedAt));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.Title));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.Summary));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.CustomerSatisfactionRating));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.AgentPerformanceRating));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.AgentPerformanceFeedback));
        parameters.Add(Of(NpgsqlDbType.Text, analysis?.RiskFactor));
        parameters.Add(Of(NpgsqlDbType.Jsonb, analysis?.Items ?? default));
        parameters.Add(Of(NpgsqlDbType.Jsonb, analysis?.Metadata ?? default));
        parameters.Add(Of(NpgsqlDbType.Array | NpgsqlDbType.Text, analysis?.Speakers));
        parameters.Add(Of(NpgsqlDbType.Integer, analysis?.Segments ?? 0));
    }

    private static NpgsqlParameter<T> Of<T>(NpgsqlDbType type, T value) => new() { TypedValue = value, NpgsqlDbType = type };
}
