using System.Security.Cryptography;
using System.Text.Json;
using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A database of one test class's own, with the service's schema; gone with the class.</summary>
public sealed class TestDatabase(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource? dataSource;

    public string ConnectionString { get; private set; } = "";

    /// <summary>The test's own way to the rows, beside the service's.</summary>
    public NpgsqlDataSource DataSource => dataSource!;

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await server.CreateDatabaseAsync();
        dataSource = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await server.DropDatabaseAsync(ConnectionString);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        command.CommandTimeout = PostgresServer.CommandSeconds;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Keeps every writer from the ledger until it is disposed.</summary>
    public async Task<IAsyncDisposable> LockDeliveriesAsync() =>
        await LedgerLock.TakeAsync(await DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken));

    /// <summary>How many sessions wait for a lock to write deliveries in this database; what only reads them may wait as well.</summary>
    public async Task<long> WaitingSessionsAsync()
    {
        await using var command = DataSource.CreateCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO deliveries%'");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    internal async Task<List<LedgerEntry>> DeliveriesAsync(string workspaceId = Workspaces.Demo)
    {
        await using var context = OpenContext();
        return await context.Deliveries.Where(delivery => delivery.WorkspaceId == workspaceId).OrderBy(delivery => delivery.DeliveryId)
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <returns>The row of these bytes; null where there is none.</returns>
    internal async Task<LedgerEntry?> DeliveryOfAsync(byte[] body, string workspaceId = Workspaces.Demo)
    {
        var sha256 = SHA256.HashData(body);
        await using var context = OpenContext();
        return await context.Deliveries.SingleOrDefaultAsync(
            delivery => delivery.WorkspaceId == workspaceId && delivery.BodySha256 == sha256, TestContext.Current.CancellationToken);
    }

    internal async Task<Meeting?> MeetingAsync(string meetingId, string workspaceId = Workspaces.Demo)
    {
        await using var context = OpenContext();
        return await context.Meetings.SingleOrDefaultAsync(
            meeting => meeting.WorkspaceId == workspaceId && meeting.MeetingId == meetingId, TestContext.Current.CancellationToken);
    }

    /// <summary>As the service reads it, from wherever it is stored.</summary>
    internal async Task<JsonElement> TranscriptAsync(string meetingId, string workspaceId = Workspaces.Demo)
    {
        await using var command = DataSource.CreateCommand($"SELECT {StoredTranscript.Columns} FROM meetings m WHERE m.workspace_id = $1 AND m.meeting_id = $2");
        command.Parameters.Add(new() { Value = workspaceId });
        command.Parameters.Add(new() { Value = meetingId });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        return JsonElement.Parse(StoredTranscript.Read(workspaceId, BytesOf(0), BytesOf(1))!.Value.Utf8.Span);

        byte[]? BytesOf(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
    }

    internal async Task<List<Meeting>> MeetingsAsync(string workspaceId = Workspaces.Demo)
    {
        await using var context = OpenContext();
        return await context.Meetings.Where(meeting => meeting.WorkspaceId == workspaceId).OrderBy(meeting => meeting.MeetingId)
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    private ReceiverDbContext OpenContext()
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql(DataSource));
        return new ReceiverDbContext(options.Options);
    }
}

/// <summary>What a meeting shows, from whichever column it is in.</summary>
internal static class ShownMembers
{
    extension(Meeting meeting)
    {
        public JsonElement Items => Shown(meeting.ItemsAsJsonb, meeting.ItemsAsSent);

        public JsonElement Metadata => Shown(meeting.MetadataAsJsonb, meeting.MetadataAsSent);
    }

    private static JsonElement Shown(JsonElement asJsonb, string? asSent) => asJsonb.ValueKind == JsonValueKind.Null ? JsonElement.Parse(asSent!) : asJsonb;
}
