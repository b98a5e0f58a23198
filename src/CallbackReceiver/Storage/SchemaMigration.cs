using CallbackReceiver.Storage.Embedded;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Brings the schema up to date at the start, as soon as PostgreSQL answers. Of several replicas that start at once, one migrates
/// and the others wait for its advisory lock; where nothing is to be migrated nobody waits. A database that is unfit ends a start that
/// meets it; one that is met later is waited for, and callbacks are spooled meanwhile.
/// </summary>
/// <remarks>The service's own PostgreSQL, where it has one, is waited for: until it is up there is nobody to ask.</remarks>
internal sealed partial class SchemaMigration(
    NpgsqlDataSource dataSource, IDbContextFactory<ReceiverDbContext> contexts, DatabaseTarget target, ILogger<SchemaMigration> logger, EmbeddedPostgres? ownPostgres = null)
    : BackgroundWork
{
    /// <summary>The ASCII of "callback": a key that no other application uses by chance.</summary>
    private const long AdvisoryLockKey = 0x63616C6C6261636B;

    /// <summary>The last of this version's migrations. Where it is applied so are the others.</summary>
    internal const string Newest = "20261203090000_ConsoleKeys";

    private const string HasMigrations = """SELECT to_regclass('"__EFMigrationsHistory"') IS NOT NULL""";
    private const string HasNewest = """SELECT EXISTS (SELECT FROM "__EFMigrationsHistory" WHERE migration_id = $1)""";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long the start waits to hear from PostgreSQL. A service that does not hear receives all the same.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? unfit;

    public bool IsApplied => applied.Task.IsCompleted;

    /// <summary>Returns once the schema is up to date.</summary>
    public Task WhenAppliedAsync(CancellationToken cancellationToken) => applied.Task.WaitAsync(cancellationToken);

    /// <summary>What is wrong with the database, and how it is mended; null where nothing is known to be.</summary>
    public string? Unfit => unfit;

    protected override ILogger Logger => logger;

    /// <exception cref="UnfitDatabaseException">PostgreSQL answers, and the service cannot use it.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StartPatience);
        try
        {
            if (ownPostgres is null)
                await (await dataSource.OpenConnectionAsync(patience.Token)).DisposeAsync(); // opening it looks at the database
        }
        catch (Exception exception) when (exception is not UnfitDatabaseException && !cancellationToken.IsCancellationRequested)
        {
            // Away, or slow: the work below says so.
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        if (ownPostgres is not null)
            await ownPostgres.WhenUpAsync(cancellationToken);
        for (var pause = FirstPause; !IsApplied; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var isApplied = await TryMigrateAsync(cancellationToken);
                unfit = null;
                if (!isApplied)
                {
                    await Task.Delay(FirstPause, cancellationToken); // for another replica that migrates
                    continue;
                }

                applied.TrySetResult();
                LogApplied(logger);

                // What starting and migrating took goes back before callbacks need it.
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (UnfitDatabaseException exception)
            {
                if (unfit != exception.Message)
                    LogUnfit(logger, exception.Message);
                unfit = exception.Message;
                await Task.Delay(pause, cancellationToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                LogFailed(logger, exception.Message);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    /// <returns>False where another replica is at it.</returns>
    private async Task<bool> TryMigrateAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            if (!await IsUpToDateAsync(connection, cancellationToken))
            {
                await using var alone = await AdvisoryLock.TryTakeAsync(connection, AdvisoryLockKey, cancellationToken);
                if (alone is null)
                    return false;
                await using var context = await contexts.CreateDbContextAsync(cancellationToken);
                context.Database.SetCommandTimeout(0); // it may have all meetings to read
                await context.Database.MigrateAsync(cancellationToken);
            }
        }

        await target.IdentifyAsync(dataSource, cancellationToken);
        return true;
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

    [LoggerMessage(205, LogLevel.Error, "The database cannot be used, and nothing is written to it; callbacks are spooled until it is mended: {Reason}")]
    private static partial void LogUnfit(ILogger logger, string reason);
}
