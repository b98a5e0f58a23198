namespace CallbackReceiver.Storage;

/// <summary>
/// A body whose signature none of its workspace's keys had made. The key may have been wrong on our side: it is kept for a while, never
/// parsed, to be verified again. One row of <c>unverified_deliveries</c>, which is a table of its own so that no quota of it can touch what
/// was signed, and a body that is signed later is new.
/// </summary>
internal sealed class UnverifiedDelivery
{
    public required string WorkspaceId { get; init; }

    public Guid DeliveryId { get; init; }

    public required byte[] BodySha256 { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>The signature that came with it: an HMAC-SHA256.</summary>
    public required byte[] Signature { get; init; }

    public DateTime ReceivedAt { get; init; }
}
