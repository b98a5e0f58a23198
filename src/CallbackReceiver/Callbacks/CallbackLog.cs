namespace CallbackReceiver.Callbacks;

/// <summary>What the receiving path logs: ids, counts and SQL states, never a body or a part of one.</summary>
internal static partial class CallbackLog
{
    [LoggerMessage(301, LogLevel.Warning, "A batch of {Deliveries} deliveries was refused although PostgreSQL takes writes ({Reason}); it is written in parts")]
    public static partial void BatchRefused(this ILogger logger, int deliveries, string reason);

    [LoggerMessage(302, LogLevel.Error, "PostgreSQL does not take what delivery {DeliveryId} says ({SqlState}); it is quarantined")]
    public static partial void DeliveryRefused(this ILogger logger, Guid deliveryId, string sqlState);

    [LoggerMessage(303, LogLevel.Error, "PostgreSQL is unavailable: {Reason}")]
    public static partial void DatabaseUnavailable(this ILogger logger, string reason);

    [LoggerMessage(304, LogLevel.Information, "Stopped; every accepted delivery has been answered")]
    public static partial void Drained(this ILogger logger);

    [LoggerMessage(305, LogLevel.Warning, "A body signed by workspace {WorkspaceId} names another workspace; it is refused")]
    public static partial void OtherWorkspace(this ILogger logger, string workspaceId);

    [LoggerMessage(306, LogLevel.Error, "{Deliveries} deliveries could not be spooled: {Reason}")]
    public static partial void SpoolFailed(this ILogger logger, int deliveries, string reason);

    [LoggerMessage(307, LogLevel.Error, "The spool's file {File} is damaged; it is moved aside")]
    public static partial void SpoolFileDamaged(this ILogger logger, string file);

    [LoggerMessage(308, LogLevel.Information, "{Deliveries} deliveries of the spool are stored")]
    public static partial void Unspooled(this ILogger logger, int deliveries);

    [LoggerMessage(309, LogLevel.Error, "The spool cannot be used: {Reason}")]
    public static partial void SpoolUnusable(this ILogger logger, string reason);

    [LoggerMessage(320, LogLevel.Error, "{Deliveries} deliveries could be read of {File}, and are in the spool again")]
    public static partial void SpoolSalvaged(this ILogger logger, int deliveries, string file);

    [LoggerMessage(321, LogLevel.Error, "The file {File} of the spool cannot be read, and is left where it is: {Reason}")]
    public static partial void SpoolFileUnreadable(this ILogger logger, string file, string reason);

    [LoggerMessage(322, LogLevel.Error, "PostgreSQL takes writes, but not delivery {DeliveryId}; it stays in the spool and is tried ever more rarely: {Reason}")]
    public static partial void DeliveryHeld(this ILogger logger, Guid deliveryId, string reason);

    [LoggerMessage(310, LogLevel.Warning, "A delivery for workspace {WorkspaceId} failed verification and is kept as unverified {DeliveryId}: is its signing key right?")]
    public static partial void KeptUnverified(this ILogger logger, string workspaceId, Guid deliveryId);

    [LoggerMessage(311, LogLevel.Warning, "A delivery for workspace {WorkspaceId} that failed verification could not be kept: {Reason}")]
    public static partial void DroppedUnverified(this ILogger logger, string workspaceId, string reason);
}
