using System.Text.Json;

namespace CallbackReceiver.Storage;

/// <summary>A distinct signed body and what became of it. One row of <c>deliveries</c>, the ledger.</summary>
internal sealed class LedgerEntry
{
    public required string WorkspaceId { get; init; }

    /// <summary>A UUID of version 7: its order is the order of receiving.</summary>
    public Guid DeliveryId { get; init; }

    /// <summary>With the workspace, the identity of a delivery.</summary>
    public required byte[] BodySha256 { get; init; }

    /// <summary>The bytes as they came; null once they are erased.</summary>
    public byte[]? Body { get; init; }

    /// <summary><c>stored</c>, <c>ignored</c>, <c>quarantined</c>, or <c>erased</c>: then only digest and times are left.</summary>
    public required string Outcome { get; init; }

    public string? EventName { get; init; }

    public string? MeetingId { get; init; }

    /// <summary>A JSON array of path and reason, where the body is quarantined.</summary>
    public JsonElement? Errors { get; init; }

    /// <summary>Which of the workspace's keys signed it.</summary>
    public required string KeyId { get; init; }

    public DateTime ReceivedAt { get; init; }

    /// <summary>How many times the same bytes came again.</summary>
    public int Duplicates { get; init; }
}
