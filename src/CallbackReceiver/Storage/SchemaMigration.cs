using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Brings the schema up to date at the start, as soon as PostgreSQL answers. Of several replicas that start at once, one migrates
/// and the others wait for its advisory lock; where nothing is to be migrated nobody waits.
/// </summary>
internal sealed partial class SchemaMigration(
    NpgsqlDataSource dataSource, IDbContextFactory<ReceiverDbContext> contexts, ILogger<SchemaMigration> logger) : BackgroundWork
{
    private const int OldestMajorVersion = 15;

    /// <summary>The ASCII of "callback": a key that no other application uses by chance.</summary>
    private const long AdvisoryLockKey = 0x63616C6C6261636B;

    /// <summary>The last of this version's migrations. Where it is applied so are the others.</summary>
    internal const string Newest = "20261128093000_ItemsAsSent";

    private const string HasMigrations = """SELECT to_regclass('"__EFMigrationsHistory"') IS NOT NULL""";
    private const string HasNewest = """SELECT EXISTS (SELECT FROM "__EFMigrationsHistory" WHERE migration_id = $1)""";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private volatile bool isApplied;

    public bool IsApplied => isApplied;

    protected override ILogger Logger => logger;

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; !isApplied; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await MigrateAsync(cancellationToken);
                isApplied = true;
                LogApplied(logger);

                // What starting and migrating took goes back before callbacks need it.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                LogFailed(logger, exception.Message);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestMajorVersion)
            throw new InvalidOperationException($"PostgreSQL {OldestMajorVersion} or later is needed; this server is {connection.PostgreSqlVersion}.");

        if (!await IsUpToDateAsync(connection, cancellationToken))
            await MigrateAloneAsync(connection, cancellationToken);
    }

    private async Task MigrateAloneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = AdvisoryLockKey } }, CommandTimeout = 0 };
        await take.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            context.Database.SetCommandTimeout(0); // it may have all meetings to read
            await context.Database.MigrateAsync(cancellationToken);
        }
        finally
        {
            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = AdvisoryLockKey } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    /// <remarks>What could migrate is not even loaded then: an ordinary start is faster, and the service smaller.</remarks>
    private static async Task<bool> IsUpToDateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(HasMigrations, connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is not true)
            return false;
        await using var newest = new NpgsqlCommand(HasNewest, connection) { Parameters = { new() { Value = Newest } } };
        return await newest.ExecuteScalarAsync(cancellationToken) is true;
    }

    [LoggerMessage(201, LogLevel.Information, "The database schema is up to date")]
    private static partial void LogApplied(ILogger logger);

    [LoggerMessage(202, LogLevel.Warning, "The database is not ready yet; trying again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
