using Npgsql;

namespace CallbackReceiver.Callbacks;

/// <summary>Tells apart what PostgreSQL's failures mean for the deliveries that met them.</summary>
internal static class StorageFailure
{
    /// <summary>
    /// Whether a delivery failed by waiting rather than by what it says: for a lock, for longer than the limits allow, for a session that
    /// ended. Everything else that PostgreSQL answers is a refusal, whatever its code.
    /// </summary>
    public static bool IsWait(Exception exception) => exception is not PostgresException
    {
        SqlState: not (PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown),
    };

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

    /// <summary>Whether other connections that are open are no better: they are broken as well, or to a server that is a standby now.</summary>
    public static bool IsOfTheConnection(NpgsqlException exception) =>
        IsReadOnly(exception) || exception.InnerException is IOException || exception is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };

    /// <summary>Whether the server takes no writes, as after a failover to another.</summary>
    public static bool IsReadOnly(NpgsqlException exception) => exception is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>A description that quotes no data: PostgreSQL's own messages may.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        PostgresException refusal => $"PostgreSQL answers SQLSTATE {refusal.SqlState}",
        DeliveryNotStoredException => exception.Message,
        { InnerException: PostgresException refusal } => Describe(refusal),
        { InnerException: { } inner } => $"{exception.GetType().Name}: {inner.GetType().Name}: {inner.Message}",
        _ => $"{exception.GetType().Name}: {exception.Message}",
    };
}
