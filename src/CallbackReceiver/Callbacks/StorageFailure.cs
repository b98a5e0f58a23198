using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>Tells apart what PostgreSQL's failures mean for the deliveries that met them.</summary>
internal static class StorageFailure
{
    /// <summary>
    /// Whether the rows themselves are refused (classes 22 data exception, 23 integrity constraint violation and 54 program limit
    /// exceeded), so that trying again later would not help.
    /// </summary>
    public static bool IsOfTheData(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "54";

    /// <summary>
    /// Whether an immediate second try may well succeed: a deadlock or serialization failure, or a pooled connection that a restart of
    /// the server had closed, or one to a server that has become a standby. A server that does not answer in time is not asked again.
    /// </summary>
    public static bool IsWorthAnotherTry(NpgsqlException exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => true,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => true,
        _ when IsReadOnly(exception) => true,
        PostgresException => false,
        _ => exception.InnerException is IOException,
    };

    /// <summary>Whether the server takes no writes, as after a failover to another.</summary>
    public static bool IsReadOnly(NpgsqlException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>A description that quotes no data: PostgreSQL's own messages may.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException refusal => $"PostgreSQL answers SQLSTATE {refusal.SqlState}",
        { InnerException: { } inner } => $"{exception.GetType().Name}: {inner.GetType().Name}: {inner.Message}",
        _ => $"{exception.GetType().Name}: {exception.Message}",
    };
}
