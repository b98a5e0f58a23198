using System.Text;
using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Writes a batch of deliveries in one transaction: first the ledger, then the meetings of the deliveries that are new, and that they
/// changed. Writers and replicas take row locks in one order, the ledger's rows before the meetings', each sorted by key, so that they
/// never deadlock.
/// Writing the same delivery again changes nothing, so that a batch whose commit got no answer can be written again.
/// </summary>
internal sealed class DeliveryWriter(NpgsqlDataSource dataSource, ChangeSignal changes, IOptions<CallbackOptions> options)
{
    /// <summary>
    /// Longer than anybody waits for a batch, whatever the connection string says. When it is over the driver cancels the statement, and
    /// PostgreSQL takes that at a commit which waits for a standby for leave to go on without: such a commit must not pass for a good one.
    /// </summary>
    private const int TimeoutSeconds = 60;

    private readonly bool withTranscripts = options.Value.TranscriptsWithMeetings;

    // The same delivery may come again: from the spool, or replayed once the parser takes what it had not taken. A body that is stored,
    // or erased, stays so. What is new, stored and without duplicates is just as it was sent: that is nearly all, and not said.
    private const string InsertDeliveries = """
        WITH written AS (
        INSERT INTO deliveries AS d
            (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
        SELECT n.workspace_id, n.delivery_id, n.body_sha256, CASE WHEN n.outcome <> 'erased' THEN n.body END, n.outcome, n.event_name, n.meeting_id, n.errors,
            n.key_id, n.received_at, n.duplicates
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            AS n (workspace_id, delivery_id, body_sha256, body, outcome, event_name, meeting_id, errors, key_id, received_at, duplicates)
        ON CONFLICT (workspace_id, body_sha256) DO UPDATE SET
            body = CASE WHEN d.delivery_id = excluded.delivery_id AND excluded.outcome = 'erased' AND d.outcome <> 'stored' THEN NULL ELSE d.body END,
            outcome = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.outcome ELSE d.outcome END,
            event_name = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.event_name ELSE d.event_name END,
            meeting_id = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.meeting_id ELSE d.meeting_id END,
            errors = CASE WHEN d.delivery_id = excluded.delivery_id AND d.outcome IN ('quarantined', 'ignored') THEN excluded.errors ELSE d.errors END,
            duplicates = d.duplicates + CASE WHEN d.delivery_id = excluded.delivery_id THEN 0 ELSE excluded.duplicates + 1 END
        RETURNING d.workspace_id, d.body_sha256, d.delivery_id, d.meeting_id, d.outcome, d.duplicates
        )
        SELECT workspace_id, body_sha256, delivery_id, meeting_id, outcome FROM written WHERE outcome <> 'stored' OR duplicates > 0
        """;

    // An older analysis that is stored late is added to the meeting's deliveries, and is not its current one. A meeting with its first
    // analysis is not said.
    private const string UpsertMeetings = """
        WITH written AS (
        INSERT INTO meetings AS m
            (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
             risk_factor, items, metadata, speakers, segments, transcript, delivery_ids, revision, first_received_at, received_at)
        SELECT n.workspace_id, n.meeting_id, n.title, n.summary, n.customer_satisfaction_rating, n.agent_performance_rating, n.agent_performance_feedback,
             n.risk_factor, n.items, n.metadata, n.speakers::text[], n.segments, n.transcript, ARRAY[n.delivery_id], 1, n.received_at, n.received_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            AS n (workspace_id, meeting_id, title, summary, customer_satisfaction_rating, agent_performance_rating, agent_performance_feedback,
                  risk_factor, items, metadata, speakers, segments, transcript, delivery_id, received_at)
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

    // What is written here again, after a commit whose answer was lost, may be projected already: the projection tells it once all the same.
    private const string InsertChanges = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id)
        SELECT * FROM unnest($1, $2, $3)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Writes the deliveries and commits, in two round trips; late ones in three.</summary>
    /// <param name="deliveries">At least one. The same bytes may come more than once, and so may a meeting.</param>
    /// <param name="cancellationToken">Ends the wait for PostgreSQL.</param>
    /// <returns>One receipt a delivery, in the order of <paramref name="deliveries"/>.</returns>
    /// <exception cref="NpgsqlException">The transaction was not committed, or the answer to its commit was lost.</exception>
    public async Task<Receipt[]> WriteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var areLate = deliveries.Any(delivery => delivery.IsLate);
        if (areLate)
            deliveries = await LateDeliveries.BeginAsync(connection, deliveries, cancellationToken);
        var rows = LedgerRow.Distinct(deliveries);
        await WriteDeliveriesAsync(connection, rows, begin: !areLate, cancellationToken);
        var meetings = await CommitWithMeetingsAsync(connection, rows, cancellationToken);
        changes.Raise();
        return [.. deliveries.Select(delivery => ToReceipt(delivery, rows, meetings))];
    }

    // BEGIN and COMMIT travel with the statements; what fails in between is rolled back when the connection goes back to the pool.
    private static async Task WriteDeliveriesAsync(NpgsqlConnection connection, List<LedgerRow> rows, bool begin, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = TimeoutSeconds };
        if (begin)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(InsertOf(rows));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = LedgerRow.Find(rows, reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            row.DeliveryId = reader.GetGuid(2);
            row.MeetingId = reader.GetNullableText(3);
            row.IsStored = reader.GetString(4) == OutcomeNames.Of(Outcome.Stored);
        }
    }

    private async Task<MeetingDeliveries> CommitWithMeetingsAsync(NpgsqlConnection connection, List<LedgerRow> rows, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = TimeoutSeconds };
        if (rows.FindAll(row => row.IsStored && row.IsFirst) is { Count: > 0 } analyses)
        {
            foreach (var round in RoundsOf(analyses))
                batch.BatchCommands.Add(UpsertOf(round));
            batch.BatchCommands.Add(ChangesOf(analyses));
        }

        if (rows.FindAll(row => row.IsStored && !row.IsFirst) is { Count: > 0 } known)
            batch.BatchCommands.Add(SelectOf(known));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));

        var meetings = new MeetingDeliveries();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                meetings[(reader.GetString(0), reader.GetString(1))] = reader.GetFieldValue<Guid[]>(2);
        }
        while (await reader.NextResultAsync(cancellationToken));
        return meetings;
    }

    /// <summary>
    /// The new analyses, in rounds that hold each meeting once, since one statement cannot change a row twice; nearly always one round.
    /// Within a round they are in the order in which every writer locks the meetings; across rounds in that of receiving.
    /// </summary>
    private static List<List<LedgerRow>> RoundsOf(List<LedgerRow> analyses)
    {
        analyses.Sort(LedgerRow.ByMeeting);
        var rounds = new List<List<LedgerRow>>();
        var round = 0;
        for (var i = 0; i < analyses.Count; i++)
        {
            round = i > 0 && analyses[i].IsOfSameMeeting(analyses[i - 1]) ? round + 1 : 0;
            if (round == rounds.Count)
                rounds.Add([]);
            rounds[round].Add(analyses[i]);
        }

        return rounds;
    }

    private static NpgsqlBatchCommand InsertOf(List<LedgerRow> rows) => new(InsertDeliveries)
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

    private NpgsqlBatchCommand UpsertOf(List<LedgerRow> rows)
    {
        var analyses = rows.ConvertAll(row => ((ParsedCallback.Analysed)row.First.Content).Analysis);
        return new NpgsqlBatchCommand(UpsertMeetings)
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
                ArrayColumn.Of(analyses, NpgsqlDbType.Jsonb, analysis => analysis.Items),
                ArrayColumn.Of(analyses, NpgsqlDbType.Jsonb, analysis => analysis.Metadata),
                ArrayColumn.Of(analyses, NpgsqlDbType.Text, analysis => ArrayLiteral(analysis.Speakers)),
                ArrayColumn.Of(analyses, NpgsqlDbType.Integer, analysis => analysis.Segments),
                ArrayColumn.Of(analyses, NpgsqlDbType.Json, analysis => withTranscripts ? (ReadOnlyMemory<byte>?)analysis.Transcript : null),
                ArrayColumn.Of(rows, NpgsqlDbType.Uuid, row => row.First.Id),
                ArrayColumn.Of(rows, NpgsqlDbType.TimestampTz, row => row.First.ReceivedAt),
            },
        };
    }

    private static NpgsqlBatchCommand ChangesOf(List<LedgerRow> rows) => new(InsertChanges)
    {
        Parameters =
        {
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.First.WorkspaceId),
            ArrayColumn.Of(rows, NpgsqlDbType.Uuid, row => row.First.Id),
            ArrayColumn.Of(rows, NpgsqlDbType.Text, row => row.MeetingId),
        },
    };

    private static NpgsqlBatchCommand SelectOf(List<LedgerRow> rows) => new(SelectMeetings)
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

    private static Receipt ToReceipt(Delivery delivery, List<LedgerRow> rows, MeetingDeliveries meetings)
    {
        var row = LedgerRow.Find(rows, delivery.WorkspaceId, delivery.Sha256);
        int? revision = row.IsStored ? meetings.RevisionOf(delivery.WorkspaceId, row) : null;
        return ReferenceEquals(row.First, delivery) && row.IsFirst
            ? new Receipt(delivery.Ledger.Outcome, row.DeliveryId, delivery.WorkspaceId, row.MeetingId, revision, delivery.Ledger.Errors)
            : new Receipt(Outcome.Duplicate, row.DeliveryId, delivery.WorkspaceId, row.MeetingId, revision);
    }

    /// <summary>The deliveries of a meeting in the order of their revisions, by workspace and meeting; none of a meeting with its first analysis.</summary>
    private sealed class MeetingDeliveries : Dictionary<(string WorkspaceId, string MeetingId), Guid[]>
    {
        /// <returns>Null where the meeting of an earlier delivery has been erased meanwhile.</returns>
        public int? RevisionOf(string workspaceId, LedgerRow row) =>
            TryGetValue((workspaceId, row.MeetingId!), out var ids) ? Array.IndexOf(ids, row.DeliveryId) + 1 : row.IsFirst ? 1 : null;
    }
}
