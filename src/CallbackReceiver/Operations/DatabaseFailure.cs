using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Operations;

/// <summary>
/// What a request that PostgreSQL failed is answered instead of 500: that PostgreSQL is away, that it was given too much to do, or that too many
/// others wait for it.
/// </summary>
internal sealed class DatabaseFailure(ConnectionPools pools) : IExceptionHandler
{
    /// <summary>Connection, authorization, no such database, resources, an operator's intervention (a server that stops), system errors.</summary>
    private static readonly string[] AwayClasses = ["08", "28", "3D", "53", "57", "58"];

    /// <summary>A limit on the time of a statement (57014, which is a cancelled one too), of its wait for a lock, or of a transaction.</summary>
    private static readonly string[] TooLong = [PostgresErrorCodes.QueryCanceled, PostgresErrorCodes.LockNotAvailable, "25P04"];

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (AnswerTo(exception) is not { } problem)
            return false;
        if (IsOfTheConnection(exception))
            pools.Clear();
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    /// <returns>Null where PostgreSQL is not to blame. EF Core wraps what may be transient.</returns>
    public static IResult? AnswerTo(Exception? exception) => exception switch
    {
        null => null,
        PostgresException ended when TooLong.Contains(ended.SqlState) => Problem.QueryTooLong(),
        PostgresException answer => IsAway(answer) ? Problem.DatabaseAway() : null,
        NpgsqlException failure when IsPoolExhausted(failure) => Problem.Busy(),
        NpgsqlException failure when IsStatementTimeout(failure) => Problem.QueryTooLong(),
        NpgsqlException or TimeoutException or SpoolException => Problem.DatabaseAway(),
        _ => AnswerTo(exception.InnerException),
    };

    /// <summary>Whether PostgreSQL did not even answer that it has cancelled a statement: then it is away, and not busy with it.</summary>
    public static bool IsUnanswered(OperationCanceledException cancelled) =>
        cancelled.Message == "Query was cancelled" && cancelled.InnerException is not PostgresException;

    /// <inheritdoc cref="StorageFailure.IsOfTheConnection"/>
    /// <remarks>EF Core wraps it.</remarks>
    public static bool IsOfTheConnection(Exception exception) =>
        (exception as NpgsqlException ?? exception.InnerException as NpgsqlException) is { } failure && StorageFailure.IsOfTheConnection(failure);

    /// <inheritdoc cref="StorageFailure.Describe"/>
    public static string Describe(Exception exception) => StorageFailure.Describe(exception);

    /// <summary>A PostgreSQL that answers with an error of the statement is not away, unless it is to be migrated yet.</summary>
    private static bool IsAway(PostgresException answer) =>
        answer.IsTransient || StorageFailure.IsReadOnly(answer) || answer.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn || AwayClasses.Contains(answer.SqlState[..2]);

    // The driver has one type for all of these, and tells them apart by their messages only.
    private static bool IsPoolExhausted(NpgsqlException failure) =>
        failure.InnerException is TimeoutException && failure.Message.StartsWith("The connection pool has been exhausted", StringComparison.Ordinal);

    private static bool IsStatementTimeout(NpgsqlException failure) =>
        failure.InnerException is TimeoutException && failure.Message.StartsWith("Exception while reading", StringComparison.Ordinal);
}
