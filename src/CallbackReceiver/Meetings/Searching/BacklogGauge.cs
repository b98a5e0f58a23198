using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Counts now and then what the projection has still to do, whether or not it gets on with it.</summary>
internal sealed class BacklogGauge(BackgroundDatabase dataSource, SchemaMigration migration, SearchMetrics metrics, TimeProvider time, ILogger<BacklogGauge> logger)
    : BackgroundWork
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // As text, since there is no min(uuid) before PostgreSQL 18; both have the same order.
    private const string SelectBacklog = """SELECT count(*), min(delivery_id::text COLLATE "C") FROM changes""";

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            metrics.Waiting(migration.IsApplied ? await ReadAsync(cancellationToken) : null);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<SearchBacklog?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = dataSource.CreateCommand(SelectBacklog);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return new SearchBacklog(reader.GetInt64(0), reader.IsDBNull(1) ? null : Guid.Parse(reader.GetString(1)));
        }
        catch (NpgsqlException)
        {
            return null; // away: the receiving says so
        }
    }
}
