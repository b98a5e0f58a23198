using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Operations;

/// <summary>A read that met no PostgreSQL, or one that cannot answer now, is answered 503 instead of 500.</summary>
internal sealed class DatabaseAwayHandler : IExceptionHandler
{
    /// <summary>Connection, authorization, no such database, resources, an operator's intervention (a server that stops), system errors.</summary>
    private static readonly string[] AwayClasses = ["08", "28", "3D", "53", "57", "58"];

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsDatabaseAway(exception))
            return false;
        await Problem.DatabaseAway().ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>EF Core wraps what may be transient; a PostgreSQL that answers with an error of the statement is not away.</summary>
    private static bool IsDatabaseAway(Exception? exception) => exception switch
    {
        null => false,
        PostgresException answer => answer.IsTransient || answer.SqlState == PostgresErrorCodes.UndefinedTable
            || AwayClasses.Contains(answer.SqlState[..2]),
        NpgsqlException or TimeoutException => true,
        _ => IsDatabaseAway(exception.InnerException),
    };
}
