using System.Security.Cryptography;

namespace CallbackReceiver.FaultTests.Traffic;

/// <summary>What a callback's body is, and so what the ledger must call it.</summary>
internal enum CallbackKind
{
    Analysis,
    OtherEvent,
    Unfit,
}

/// <summary>A body that was sent, and what was answered each time.</summary>
internal sealed class Callback(CallbackKind kind, Meeting? meeting, string? title, byte[] body)
{
    public CallbackKind Kind { get; } = kind;

    /// <summary>The meeting that it analyses; null for what is no analysis.</summary>
    public Meeting? Meeting { get; } = meeting;

    /// <summary>The meeting's title in this analysis, which no other has.</summary>
    public string? Title { get; } = title;

    public byte[] Body { get; } = body;

    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Every time it was sent, in order; written by one sender at a time.</summary>
    public List<Reply> Replies { get; } = [];

    /// <summary>Whether a 2xx says that it is kept.</summary>
    public bool IsAcknowledged => Replies.Exists(reply => reply.IsAcknowledgement);

    /// <summary>Whether it never came to a service: nothing listened where it was sent.</summary>
    public bool NeverArrived => Replies.TrueForAll(reply => reply.Kind == ReplyKind.NotConnected);
}

/// <summary>A meeting that is sent analyses of, one after another: the next is sent when the one before is answered, or its connection broken.</summary>
internal sealed class Meeting(string id)
{
    public string Id { get; } = id;

    /// <summary>In the order of sending.</summary>
    public List<Callback> Analyses { get; } = [];

    /// <summary>Set where nothing more is to be sent for it, since an old body goes again whose place in the order nobody knows.</summary>
    public bool IsClosed { get; set; }
}

internal enum ReplyKind
{
    Stored,
    Duplicate,
    Ignored,
    Quarantined,
    Spooled,

    /// <summary>503.</summary>
    Refused,

    /// <summary>Nothing listened.</summary>
    NotConnected,

    /// <summary>The connection broke before the answer, or there was none in time.</summary>
    Broken,

    /// <summary>An answer that the contract does not have.</summary>
    Strange,
}

/// <summary>What came back of one sending.</summary>
/// <param name="Kind">Which answer.</param>
/// <param name="After">How long it took.</param>
/// <param name="DeliveryId">As the answer says.</param>
/// <param name="Revision">As the answer says.</param>
/// <param name="Text">The answer or the error, for the reader of a failure.</param>
internal sealed record Reply(ReplyKind Kind, TimeSpan After, Guid? DeliveryId = null, int? Revision = null, string Text = "")
{
    public bool IsAcknowledgement => Kind is ReplyKind.Stored or ReplyKind.Duplicate or ReplyKind.Ignored or ReplyKind.Quarantined or ReplyKind.Spooled;
}
