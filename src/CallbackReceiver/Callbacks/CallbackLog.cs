namespace CallbackReceiver.Callbacks;

/// <summary>What the receiving path logs: ids, counts and SQL states, never a body or a part of one.</summary>
internal static partial class CallbackLog
{
    [LoggerMessage(301, LogLevel.Warning, "A batch of {Deliveries} deliveries was refused by PostgreSQL ({SqlState}); they go one by one")]
    public static partial void BatchRefused(this ILogger logger, int deliveries, string sqlState);

    [LoggerMessage(302, LogLevel.Error, "PostgreSQL does not take what delivery {DeliveryId} says ({SqlState}); it is quarantined")]
    public static partial void DeliveryRefused(this ILogger logger, Guid deliveryId, string sqlState);

    [LoggerMessage(303, LogLevel.Error, "PostgreSQL is away: {Reason}")]
    public static partial void DatabaseAway(this ILogger logger, string reason);

    [LoggerMessage(304, LogLevel.Information, "Stopped; every accepted delivery has been answered")]
    public static partial void Drained(this ILogger logger);

    [LoggerMessage(305, LogLevel.Warning, "A body signed by workspace {WorkspaceId} names another workspace; it is refused")]
    public static partial void OtherWorkspace(this ILogger logger, string workspaceId);

    [LoggerMessage(306, LogLevel.Error, "{Deliveries} deliveries could not be spooled: {Reason}")]
    public static partial void SpoolFailed(this ILogger logger, int deliveries, string reason);

    [LoggerMessage(307, LogLevel.Error, "The spool's file {File} cannot be stored; it is set aside")]
    public static partial void SpoolFileDamaged(this ILogger logger, string file);

    [LoggerMessage(308, LogLevel.Information, "{Deliveries} deliveries of the spool are stored")]
    public static partial void Unspooled(this ILogger logger, int deliveries);

    [LoggerMessage(309, LogLevel.Error, "The spool's folder cannot be read: {Reason}")]
    public static partial void DrainFailed(this ILogger logger, string reason);

    [LoggerMessage(310, LogLevel.Warning, "A delivery for workspace {WorkspaceId} failed verification and is kept as unverified {DeliveryId}: is its signing key right?")]
    public static partial void KeptUnverified(this ILogger logger, string workspaceId, Guid deliveryId);

    [LoggerMessage(311, LogLevel.Warning, "A delivery for workspace {WorkspaceId} that failed verification could not be kept: {Reason}")]
    public static partial void DroppedUnverified(this ILogger logger, string workspaceId, string reason);
}
