using System.Linq.Expressions;
using System.Text.Json;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Deliveries;

/// <summary>What the ledger says of a delivery.</summary>
internal sealed record DeliveryView
{
    /// <summary>Its id.</summary>
    public required Guid DeliveryId { get; init; }

    /// <summary>`stored`, `ignored`, `quarantined`, `erased`, or `unverified`: kept though no key of the workspace made its signature.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it is quarantined: JSON pointers and reasons; also that a body which is no analysis names several meetings.</summary>
    public JsonElement? Errors { get; init; }

    /// <summary>The event, where the body names one.</summary>
    public string? EventName { get; init; }

    /// <summary>The meeting, where the body names one.</summary>
    public string? MeetingId { get; init; }

    /// <summary>Which of the workspace's keys signed it: the first hex digits of the key's SHA-256. Null where none did.</summary>
    public string? KeyId { get; init; }

    /// <summary>When it was received.</summary>
    public required DateTime ReceivedAt { get; init; }

    /// <summary>How many times the same bytes came again.</summary>
    public required int Duplicates { get; init; }

    /// <summary>The length of the body; null once it is erased.</summary>
    public required int? Bytes { get; init; }

    /// <summary>The SHA-256 of the body, in hex: what tells deliveries apart.</summary>
    public required string BodySha256 { get; init; }

    /// <summary>Without the body, which then is not read.</summary>
    public static Expression<Func<LedgerEntry, DeliveryView>> OfEntry { get; } = entry => new DeliveryView
    {
        DeliveryId = entry.DeliveryId,
        Outcome = entry.Outcome,
        Errors = entry.Errors,
        EventName = entry.EventName,
        MeetingId = entry.MeetingId,
        KeyId = entry.KeyId,
        ReceivedAt = entry.ReceivedAt,
        Duplicates = entry.Duplicates,
        Bytes = entry.Body == null ? null : entry.Body.Length,
        BodySha256 = Convert.ToHexStringLower(entry.BodySha256),
    };

    /// <inheritdoc cref="OfEntry"/>
    public static Expression<Func<UnverifiedDelivery, DeliveryView>> OfUnverified { get; } = delivery => new DeliveryView
    {
        DeliveryId = delivery.DeliveryId,
        Outcome = UnverifiedOutcome,
        ReceivedAt = delivery.ReceivedAt,
        Duplicates = 0,
        Bytes = delivery.Body.Length,
        BodySha256 = Convert.ToHexStringLower(delivery.BodySha256),
    };

    public const string UnverifiedOutcome = "unverified";
}
