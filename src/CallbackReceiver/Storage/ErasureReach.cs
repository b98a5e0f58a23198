namespace CallbackReceiver.Storage;

/// <summary>
/// Which deliveries an erasure takes that are stored after it: those received until its reach. For an erasure on request that is when it was
/// done; for a removal by age it is what was too old then. The audit row's time says when it was done, and the time in its id how far it reaches.
/// </summary>
internal static class ErasureReach
{
    private static readonly TimeSpan IdPrecision = TimeSpan.FromMilliseconds(1);

    public static Guid NewAuditId(Removal removal)
    {
        var isByAge = removal.ReceivedBefore < removal.At;
        return Guid.CreateVersion7(isByAge ? removal.ReceivedBefore - IdPrecision : removal.At);
    }

    /// <returns>The last time of receiving that the erasure takes.</returns>
    public static DateTime Of(Guid auditId, DateTime at)
    {
        var end = TimeOrderedId.TimeOf(auditId).UtcDateTime + IdPrecision - TimeSpan.FromMicroseconds(1);
        return end < at ? end : at;
    }
}
