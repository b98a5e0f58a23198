using CallbackReceiver.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Writes a batch of deliveries in one transaction: first the ledger, then the meetings of the deliveries that are new, and that they
/// changed. Writers and replicas take row locks in one order, the ledger's rows before the meetings', each sorted by key, so that they
/// never deadlock.
/// Writing the same delivery again changes nothing, so that a batch whose commit got no answer can be written again.
/// </summary>
internal sealed class DeliveryWriter(NpgsqlDataSource dataSource, ChangeSignal changes, ReceiveClock clock, DatabaseClock databaseClock, IOptions<CallbackOptions> options)
{
    private readonly bool forOlderVersions = options.Value.TranscriptsWithMeetings;
    private readonly ConflictBackoff backoff = new();

    /// <summary>Writes the deliveries and commits: many that are all new in one round trip, others in two, late ones in three.</summary>
    /// <param name="deliveries">At least one. The same bytes may come more than once, and so may a meeting.</param>
    /// <param name="limits">How long PostgreSQL may take.</param>
    /// <returns>One receipt a delivery, in the order of <paramref name="deliveries"/>.</returns>
    /// <exception cref="NpgsqlException">The transaction was not committed, or the answer to its commit was lost.</exception>
    public async Task<Receipt[]> WriteAsync(IReadOnlyList<Delivery> deliveries, WriteLimit limits)
    {
        await databaseClock.CheckAsync(CancellationToken.None);
        deliveries = clock.Correct(deliveries);
        var receipts = await TryInsertAsync(deliveries, limits) ?? await MergeAsync(deliveries, limits);
        changes.Raise();
        return receipts;
    }

    /// <returns>Null where nothing is written, since some of it is known to PostgreSQL already, or may be.</returns>
    private async Task<Receipt[]?> TryInsertAsync(IReadOnlyList<Delivery> deliveries, WriteLimit limits)
    {
        if (deliveries.Any(delivery => delivery.IsLate) || !backoff.Permits(deliveries.Count))
            return null;
        var rows = LedgerRow.Distinct(deliveries);
        var rounds = RoundsOf(rows.FindAll(row => row.IsStored));
        if (rounds.Count > 1)
            return null;
        try
        {
            await using var connection = await OpenAsync();
            await InsertAsync(connection, rows, rounds, limits);
        }
        catch (PostgresException known) when (known.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            backoff.Conflicted();
            return null;
        }

        return ReceiptsOf(deliveries, rows, []);
    }

    /// <exception cref="NpgsqlException">There is no connection: a failure of PostgreSQL's, whatever it answers, and never of a delivery.</exception>
    private async ValueTask<NpgsqlConnection> OpenAsync()
    {
        try
        {
            return await dataSource.OpenConnectionAsync();
        }
        catch (PostgresException refusal)
        {
            throw new NpgsqlException("PostgreSQL gives no connection.", refusal);
        }
    }

    // BEGIN and COMMIT travel with the statements; of what fails in between nothing stays.
    private async Task InsertAsync(NpgsqlConnection connection, List<LedgerRow> rows, List<List<LedgerRow>> rounds, WriteLimit limits)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        DeliveryStatements.AddBegin(batch, limits);
        batch.BatchCommands.Add(DeliveryStatements.DeliveriesOf(rows, areNew: true));
        foreach (var analyses in rounds)
        {
            batch.BatchCommands.Add(DeliveryStatements.MeetingsOf(analyses, areNew: true, forOlderVersions));
            batch.BatchCommands.Add(DeliveryStatements.ChangesOf(analyses, areNew: true));
        }

        DeliveryStatements.AddCommit(batch);
        await batch.ExecuteNonQueryAsync();
    }

    private async Task<Receipt[]> MergeAsync(IReadOnlyList<Delivery> deliveries, WriteLimit limits)
    {
        await using var connection = await OpenAsync();
        var areLate = deliveries.Any(delivery => delivery.IsLate);
        if (areLate)
            deliveries = await LateDeliveries.BeginAsync(connection, deliveries, limits);
        var rows = LedgerRow.Distinct(deliveries);
        await MergeDeliveriesAsync(connection, rows, begin: areLate ? null : limits);
        var meetings = await CommitWithMeetingsAsync(connection, rows);
        return ReceiptsOf(deliveries, rows, meetings);
    }

    private static async Task MergeDeliveriesAsync(NpgsqlConnection connection, List<LedgerRow> rows, WriteLimit? begin)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        if (begin is not null)
            DeliveryStatements.AddBegin(batch, begin);
        batch.BatchCommands.Add(DeliveryStatements.DeliveriesOf(rows, areNew: false));
        await using var reader = await batch.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var row = LedgerRow.Find(rows, reader.GetString(0), reader.GetFieldValue<byte[]>(1));
            row.DeliveryId = reader.GetGuid(2);
            row.MeetingId = reader.GetNullableText(3);
            row.IsStored = reader.GetString(4) == OutcomeNames.Of(Outcome.Stored);
            row.ReceivedAt = await reader.GetFieldValueAsync<DateTimeOffset>(5);
        }
    }

    private async Task<MeetingDeliveries> CommitWithMeetingsAsync(NpgsqlConnection connection, List<LedgerRow> rows)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = DeliveryStatements.TimeoutSeconds };
        if (rows.FindAll(row => row.IsStored && row.IsFirst) is { Count: > 0 } analyses)
        {
            foreach (var round in RoundsOf(analyses))
                batch.BatchCommands.Add(DeliveryStatements.MeetingsOf(round, areNew: false, forOlderVersions));
            batch.BatchCommands.Add(DeliveryStatements.ChangesOf(analyses, areNew: false));
        }

        if (rows.FindAll(row => row.IsStored && !row.IsFirst) is { Count: > 0 } known)
            batch.BatchCommands.Add(DeliveryStatements.KnownOf(known));
        DeliveryStatements.AddCommit(batch);

        var meetings = new MeetingDeliveries();
        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            while (await reader.ReadAsync())
                meetings[(reader.GetString(0), reader.GetString(1))] = reader.GetFieldValue<Guid[]>(2);
        }
        while (await reader.NextResultAsync());
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

    private static Receipt[] ReceiptsOf(IReadOnlyList<Delivery> deliveries, List<LedgerRow> rows, MeetingDeliveries meetings)
    {
        var receipts = new Receipt[deliveries.Count];
        for (var i = 0; i < receipts.Length; i++)
            receipts[i] = ReceiptOf(deliveries[i], rows, meetings);
        return receipts;
    }

    private static Receipt ReceiptOf(Delivery delivery, List<LedgerRow> rows, MeetingDeliveries meetings)
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
