using System.Text;
using CallbackReceiver.Storage;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// The statements that write a batch. What inserts is there twice: for rows that are all new, which fails if one is not, and for
/// whatever they are, which returns only what is not plainly new.
/// </summary>
internal static class DeliveryStatements
{
    /// <summary>
    /// Longer than anybody waits for a batch, whatever the connection string says. When it is over the driver cancels the statement, and
    /// PostgreSQL takes that at a commit which waits for a standby for leave to go on without: such a commit must not pass for a good one.
    /// </summary>
    public const int TimeoutSeconds = DurableCommit.TimeoutSeconds;

    private const string InsertDeliveries = """
        INSERT INTO deliveries AS d
            (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
        SELECT n.workspace_id, n.delivery_id, n.body_sha256, CASE WHEN n.outcome <> 'erased' THEN n.body END, n.outcome, n.event_name, n.meeting_id, n.errors,
            n.key_id, n.received_at, n.duplicates
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            AS n (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
        """;

    // The same delivery may come again: from the spool, or replayed once the parser takes what it had not taken. A body that is stored,
    // or erased, stays so, and so does the time: a clock that was set meanwhile may have given it another. What is new, stored and without
    // duplicates is just as it was sent: that is nearly all, and not said.
    private const string MergeDeliveries = $"""
        WITH written AS (
        {InsertDeliveries}
        ON CONFLICT (workspace_id, body_sha256) DO UPDATE SET
            body = CASE WHEN d.delivery_id = excluded.delivery_id AND excluded.outcome = 'erased' AND d.outcome <> 'stored' THEN NULL ELSE d.body END,
            outcome = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.outcome ELSE d.outcome END,
            event_name = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.event_name ELSE d.event_name END,
            meeting_id = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.meeting_id ELSE d.meeting_id END,
            errors = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.errors ELSE d.errors END,
            duplicates = d.duplicates + CASE WHEN d.delivery_id = excluded.delivery_id THEN 0 ELSE excluded.duplicates + 1 END
        RETURNING d.workspace_id, d.body_sha256, d.delivery_id, d.meeting_id, d.outcome, d.received_at, d.duplicates
        )
        SELECT workspace_id, body_sha256, delivery_id, meeting_id, outcome, received_at
        FROM written w
        WHERE outcome <> 'stored' OR duplicates > 0
            OR NOT EXISTS (SELECT FROM unnest($2, $10) AS n (delivery_id, received_at) WHERE n.delivery_id = w.delivery_id AND n.received_at = w.received_at)
        """;

    private const string InsertMeetings = """
        INSERT INTO meetings AS m
            (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
             risk_factor, items, metadata, items_as_sent, metadata_as_sent, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT n.workspace_id, n.meeting_id, n.title, n.summary, n.customer_satisfaction_rating, n.agent_performance_rating, n.agent_performance_feedback,
             n.risk_factor, n.items, n.metadata, n.items_as_sent, n.metadata_as_sent, n.speakers::text[], n.segments, n.transcript, ARRAY[n.delivery_id], 1, n.received_at, n.received_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            AS n (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
                  risk_factor, items, metadata, items_as_sent, metadata_as_sent, speakers, segments, transcript, delivery_id, received_at)
        """;

    // An older analysis that is stored late is added to the meeting's deliveries, and is not its current one. A meeting with its first
    // analysis is not said.
    private const string MergeMeetings = $"""
        WITH written AS (
        {InsertMeetings}
        ON CONFLICT (workspace_id, meeting_id) DO UPDATE SET
            title = CASE WHEN excluded.received_at > m.received_at THEN excluded.title ELSE m.title END,
            summary = CASE WHEN excluded.received_at > m.received_at THEN excluded.summary ELSE m.summary END,
            customer_satisfaction_rating = CASE WHEN excluded.received_at > m.received_at THEN excluded.customer_satisfaction_rating ELSE m.customer_satisfaction_rating END,
            agent_performance_rating = CASE WHEN excluded.received_at > m.received_at THEN excluded.agent_performance_rating ELSE m.agent_performance_rating END,
            agent_performance_feedback = CASE WHEN excluded.received_at > m.received_at THEN excluded.agent_performance_feedback ELSE m.agent_performance_feedback END,
            risk_factor = CASE WHEN excluded.received_at > m.received_at THEN excluded.risk_factor ELSE m.risk_factor END,
            items = CASE WHEN excluded.received_at > m.received_at THEN excluded.items ELSE m.items END,
            metadata = CASE WHEN excluded.received_at > m.received_at THEN excluded.metadata ELSE m.metadata END,
            items_as_sent = CASE WHEN excluded.received_at > m.received_at THEN excluded.items_as_sent ELSE m.items_as_sent END,
            metadata_as_sent = CASE WHEN excluded.received_at > m.received_at THEN excluded.metadata_as_sent ELSE m.metadata_as_sent END,
            speakers = CASE WHEN excluded.received_at > m.received_at THEN excluded.speakers ELSE m.speakers END,
            segments = CASE WHEN excluded.received_at > m.received_at THEN excluded.segments ELSE m.segments END,
            transcript = CASE WHEN excluded.received_at > m.received_at THEN excluded.transcript ELSE m.transcript END,
            revision = CASE WHEN excluded.received_at > m.received_at THEN cardinality(m.delivery_ids) + 1 ELSE m.revision END,
            delivery_ids = CASE WHEN excluded.delivery_ids <@ m.delivery_ids THEN m.delivery_ids ELSE m.delivery_ids || excluded.delivery_ids END,
            first_received_at = LEAST(m.first_received_at, excluded.first_received_at),
            received_at = GREATEST(m.received_at, excluded.received_at)
        RETURNING m.workspace_id, m.meeting_id, m.delivery_ids
        )
        SELECT workspace_id, meeting_id, delivery_ids FROM written WHERE cardinality(delivery_ids) > 1
        """;

    private const string SelectMeetings = """
        SELECT workspace_id, meeting_id, delivery_ids
        FROM meetings
        WHERE (workspace_id, meeting_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        """;

    private const string InsertChanges = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id)
        SELECT * FROM unnest($1, $2, $3)
        """;

    // What is written here again, after a commit whose answer was lost, may be projected already: the projection tells it once all the same.
    private const string MergeChanges = $"""
        {InsertChanges}
        ON CONFLICT DO NOTHING
        """;

    private static readonly ReadOnlyMemory<byte> NullJson = "null"u8.ToArray();

    /// <summary>Begins a transaction whose statements PostgreSQL ends by itself where they take too long.</summary>
    public static void AddBegin(NpgsqlBatch batch, WriteLimit limits)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FormattableString.Invariant($"SET LOCAL lock_timeout = {limits.Lock.TotalMilliseconds}")));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FormattableString.Invariant($"SET LOCAL statement_timeout = {limits.Statement.TotalMilliseconds}")));
    }

    /// <summary>
    /// Commits without a limit, whatever the role's own is: PostgreSQL takes the end of a commit that waits for a standby for leave to go on
    /// without, and such a commit must not pass for a good one.
    /// </summary>
    public static void AddCommit(NpgsqlBatch batch)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL statement_timeout = 0"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
    }

    /// <summary>Writes the ledger's rows.</summary>
    public static NpgsqlBatchCommand DeliveriesOf(List<LedgerRow> rows, bool areNew) => new(areNew ? InsertDeliveries : MergeDeliveries)
    {
        Parameters =
        {
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.WorkspaceId),
            ArrayColumn.Of(rows, NpgsqlDbType.Uuid, row => row.First.Id),
            ArrayColumn.Of(rows, NpgsqlDbType.Bytea, row => row.First.Sha256),
            ArrayColumn.Of(rows, NpgsqlDbType.Bytea, row => row.First.Body.Bytes),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => OutcomeNames.Of(row.First.Ledger.Outcome)),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.Ledger.EventName),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.Ledger.MeetingId),
            ArrayColumn.Of(rows, NpgsqlDbType.Jsonb, row => row.First.Ledger.ErrorsJson),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.Body.KeyId),
            ArrayColumn.Of(rows, NpgsqlDbType.TimestampTz, row => row.First.ReceivedAt),
            ArrayColumn.Of(rows, NpgsqlDbType.Integer, row => row.Repeats),
        },
    };

    /// <summary>Writes the analyses, each of another meeting.</summary>
    /// <param name="rows">Their deliveries.</param>
    /// <param name="areNew">Whether all meetings are new.</param>
    /// <param name="forOlderVersions">Whether older versions are to find transcripts, items and metadata where they look for them.</param>
    public static NpgsqlBatchCommand MeetingsOf(List<LedgerRow> rows, bool areNew, bool forOlderVersions)
    {
        var analyses = rows.ConvertAll(row => ((ParsedCallback.Analysed)row.First.Content).Analysis);
        return new NpgsqlBatchCommand(areNew ? InsertMeetings : MergeMeetings)
        {
            Parameters =
            {
                ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.WorkspaceId),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.MeetingId),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.Title),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.Summary),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.CustomerSatisfactionRating),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.AgentPerformanceRating),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.AgentPerformanceFeedback),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => analysis.RiskFactor),
                ArrayColumn.Of(analyses, NpgsqlDbType.Jsonb, analysis => IsJsonb(analysis, analysis.Items) ? analysis.Items : NullJson),
                ArrayColumn.Of(analyses, NpgsqlDbType.Jsonb, analysis => IsJsonb(analysis, analysis.Metadata) ? analysis.Metadata : NullJson),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => IsJsonb(analysis, analysis.Items) ? null : (ReadOnlyMemory<byte>?)analysis.Items),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => IsJsonb(analysis, analysis.Metadata) ? null : (ReadOnlyMemory<byte>?)analysis.Metadata),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => ArrayLiteral(analysis.Speakers)),
                ArrayColumn.Of(analyses, NpgsqlDbType.Integer, analysis => analysis.Segments),
                ArrayColumn.Of(analyses, NpgsqlDbType.Json, analysis => forOlderVersions ? (ReadOnlyMemory<byte>?)analysis.Transcript : null),
                ArrayColumn.Of(rows, NpgsqlDbType.Uuid, row => row.First.Id),
                ArrayColumn.Of(rows, NpgsqlDbType.TimestampTz, row => row.ReceivedAt),
            },
        };

        // The JSON value null in the old column says that the new one has the members. An object without any is the same in both.
        bool IsJsonb(Analysis analysis, ReadOnlyMemory<byte> members) => (forOlderVersions && analysis.FitsJsonb) || members.Length == "{}".Length;
    }

    /// <summary>Leaves word of the analyses for search, statistics and events.</summary>
    public static NpgsqlBatchCommand ChangesOf(List<LedgerRow> rows, bool areNew) => new(areNew ? InsertChanges : MergeChanges)
    {
        Parameters =
        {
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.WorkspaceId),
            ArrayColumn.Of(rows, NpgsqlDbType.Uuid, row => row.First.Id),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.MeetingId),
        },
    };

    /// <summary>Asks which deliveries the meetings of known ones have.</summary>
    public static NpgsqlBatchCommand KnownOf(List<LedgerRow> rows) => new(SelectMeetings)
    {
        Parameters =
        {
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.WorkspaceId),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.MeetingId),
        },
    };

    /// <summary>PostgreSQL has no ragged arrays of arrays: the speakers of each meeting travel as the text of an array.</summary>
    private static string ArrayLiteral(string[] values)
    {
        var literal = new StringBuilder("{");
        foreach (var value in values)
        {
            literal.Append(literal.Length > 1 ? ",\"" : "\"");
            literal.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return literal.Append('}').ToString();
    }
}
