using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>Asks what PostgreSQL's clock shows.</summary>
internal delegate Task<DateTimeOffset> AskDatabaseTime(CancellationToken cancellationToken);

/// <summary>
/// Keeps the <see cref="ReceiveClock"/> near PostgreSQL's clock, and brings back to the present what an earlier version, or a PostgreSQL whose
/// own clock was wrong, stored as received in the future: no later analysis of such a meeting would become its current one until then.
/// </summary>
internal sealed partial class DatabaseClock(
    NpgsqlDataSource dataSource, AskDatabaseTime ask, ReceiveClock clock, SchemaMigration migration, ReloadingSetting<SigningKeys> signingKeys, TimeProvider time, ILogger<DatabaseClock> logger)
    : BackgroundWork
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>How soon PostgreSQL is asked again where it did not answer, or not in time.</summary>
    private static readonly TimeSpan PauseUntilAnswered = TimeSpan.FromSeconds(1);

    /// <summary>The clock showed its time somewhere in the course of an answer: the middle is off by half of it at most, which must be tolerable.</summary>
    private static readonly TimeSpan LongestAnswer = 2 * ReceiveClock.Tolerance;

    /// <summary>What took longer is asked again, since the shorter an answer, the better it says the time.</summary>
    private static readonly TimeSpan QuickAnswer = TimeSpan.FromMilliseconds(20);

    private const int Tries = 3;

    private static readonly TimeSpan UntilMigrated = TimeSpan.FromMilliseconds(250);

    /// <summary>How often meetings of the future are looked for, though the clocks agree: a replica of an earlier version may store some.</summary>
    private static readonly TimeSpan RepairPause = TimeSpan.FromHours(1);

    // Told first, so that what is projected of the meeting follows its time whatever happens in between. Both find nothing, by the index, as a rule.
    private const string InsertChanges = """
        INSERT INTO changes (workspace_id, delivery_id, meeting_id)
        SELECT workspace_id, delivery_ids[revision], meeting_id FROM meetings WHERE workspace_id = $1 AND received_at > $2
        ON CONFLICT DO NOTHING
        """;

    private const string BringBack = "UPDATE meetings SET received_at = $3, first_received_at = LEAST(first_received_at, $3) WHERE workspace_id = $1 AND received_at > $2";

    private bool isTold;
    private long? repairedAt;

    protected override ILogger Logger => logger;

    public static AskDatabaseTime AskOf(NpgsqlDataSource dataSource) => async cancellationToken =>
    {
        await using var select = dataSource.CreateCommand("SELECT clock_timestamp()");
        return new DateTimeOffset((DateTime)(await select.ExecuteScalarAsync(cancellationToken))!);
    };

    /// <summary>Asks PostgreSQL where what is known of its clock is old or in doubt: before anything is stored by a clock that may be wrong.</summary>
    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        if (clock.IsDoubtful)
            await AskAsync(cancellationToken);
    }

    protected override async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!migration.IsApplied)
            await Task.Delay(UntilMigrated, cancellationToken);
        while (true)
            await Task.Delay(await TryFollowAsync(cancellationToken) ? Pause : PauseUntilAnswered, time, cancellationToken);
    }

    /// <returns>False where PostgreSQL did not answer, or not in time.</returns>
    private async Task<bool> TryFollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await AskAsync(cancellationToken) is not { } change)
                return false;
            if (repairedAt is { } earlier && change.Duration() <= ReceiveClock.Tolerance && time.GetElapsedTime(earlier) < RepairPause)
                return true;
            await BringBackAsync(cancellationToken);
            repairedAt = time.GetTimestamp();
            return true;
        }
        catch (NpgsqlException)
        {
            return false; // PostgreSQL is away, as others report; what is known of its clock goes on by monotonic time
        }
    }

    /// <summary>Asks until an answer was quick, and believes the quickest.</summary>
    /// <returns>How far PostgreSQL's clock is from what was believed before; null where no answer was quick enough.</returns>
    private async Task<TimeSpan?> AskAsync(CancellationToken cancellationToken)
    {
        TimeSpan? change = null;
        var shortest = LongestAnswer;
        for (var tries = 0; tries < Tries && shortest > QuickAnswer; tries++)
        {
            var asked = time.GetTimestamp();
            var shown = await ask(cancellationToken);
            var answered = time.GetTimestamp();
            if (time.GetElapsedTime(asked, answered) is var took && took < shortest)
                (shortest, change) = (took, (change ?? TimeSpan.Zero) + Believe(shown + (took / 2), answered));
        }

        return change;
    }

    private TimeSpan Believe(DateTimeOffset shown, long timestamp)
    {
        var change = clock.Believe(shown, timestamp);
        var ahead = clock.Ahead ?? TimeSpan.Zero;
        if (ahead.Duration() > ReceiveClock.Tolerance != isTold)
        {
            isTold = !isTold;
            if (isTold)
                LogDisagreement(logger, ahead);
            else
                LogAgreement(logger);
        }

        return change;
    }

    private async Task BringBackAsync(CancellationToken cancellationToken)
    {
        var now = clock.Now;
        foreach (var workspaceId in signingKeys.Current.WorkspaceIds)
        {
            await ExecuteAsync(InsertChanges, [workspaceId, now + ReceiveClock.Tolerance], cancellationToken);
            if (await ExecuteAsync(BringBack, [workspaceId, now + ReceiveClock.Tolerance, now], cancellationToken) is > 0 and var meetings)
                LogBroughtBack(logger, workspaceId, meetings);
        }
    }

    private async Task<int> ExecuteAsync(string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(312, LogLevel.Warning, "This machine's clock is {Ahead} ahead of PostgreSQL's; deliveries get PostgreSQL's time until they agree")]
    private static partial void LogDisagreement(ILogger logger, TimeSpan ahead);

    [LoggerMessage(313, LogLevel.Information, "This machine's clock agrees with PostgreSQL's again")]
    private static partial void LogAgreement(ILogger logger);

    [LoggerMessage(314, LogLevel.Warning, "Workspace {WorkspaceId} has had {Meetings} meetings received in the future by a clock that was wrong; their time is the present now")]
    private static partial void LogBroughtBack(ILogger logger, string workspaceId, int meetings);
}
