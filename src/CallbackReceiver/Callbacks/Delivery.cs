using System.Security.Cryptography;

namespace CallbackReceiver.Callbacks;

/// <summary>A signed body on its way into the ledger.</summary>
internal sealed class Delivery
{
    private Delivery? again;

    /// <param name="body">The body, whose buffer must not be given back before the delivery is answered.</param>
    /// <param name="content">What the body turned out to be.</param>
    /// <param name="receivedAt">See <see cref="ReceivedAt"/>.</param>
    public Delivery(VerifiedBody body, ParsedCallback content, DateTimeOffset receivedAt)
        : this(Guid.CreateVersion7(receivedAt), body, content, receivedAt, SHA256.HashData(body.Bytes.Span))
    {
    }

    /// <summary>A delivery that has its id already: see <see cref="IsLate"/>.</summary>
    public Delivery(Guid id, VerifiedBody body, ParsedCallback content, DateTimeOffset receivedAt)
        : this(id, body, content, receivedAt, SHA256.HashData(body.Bytes.Span)) => IsLate = true;

    private Delivery(Guid id, VerifiedBody body, ParsedCallback content, DateTimeOffset receivedAt, byte[] sha256)
    {
        Id = id;
        Body = body;
        Content = content;
        Ledger = LedgerContent.Of(content);
        ReceivedAt = receivedAt;
        Sha256 = sha256;
    }

    /// <summary>A UUID of version 7, whose order is that of <see cref="ReceivedAt"/> to the millisecond. A duplicate's is not kept.</summary>
    public Guid Id { get; }

    public VerifiedBody Body { get; }

    public string WorkspaceId => Body.WorkspaceId;

    public ParsedCallback Content { get; }

    public LedgerContent Ledger { get; }

    /// <summary>When the body had been read, in whole microseconds, which is what PostgreSQL holds. The newest analysis of a meeting is the current one.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>Whether it comes from the spool or is replayed: its meeting may have been erased since it was received.</summary>
    public bool IsLate { get; private init; }

    /// <summary>With the workspace, what makes two deliveries the same: the vendor sends no id of an event.</summary>
    public byte[] Sha256 { get; }

    /// <summary>
    /// Whether an operation that was given up may still read the body, though the delivery is answered: its buffer must not be used again.
    /// </summary>
    public bool MayStillBeRead { get; set; }

    /// <summary>
    /// The same delivery where PostgreSQL does not take what the body says: the bytes are kept, with the reason. One that is quarantined
    /// already is kept without the names that the body gives.
    /// </summary>
    public Delivery Quarantined(SchemaError reason)
    {
        var unfit = Content is ParsedCallback.Unfit
            ? new ParsedCallback.Unfit([.. Ledger.Errors!, reason])
            : new ParsedCallback.Unfit([reason], Ledger.EventName, Ledger.MeetingId);
        return With(unfit);
    }

    /// <summary>The same delivery where a meeting that it names has been erased.</summary>
    public Delivery Erased(string meetingId) => With(new ParsedCallback.Erased(Ledger.MeetingId ?? meetingId));

    /// <summary>
    /// The same delivery where the time at which it was received was taken from a clock that was wrong. The id holds that time too; of a late
    /// one it is known already, and stays. Asked again, it is the same again, as when a batch is written once more; nothing changes once
    /// it is <see cref="Settled"/>.
    /// </summary>
    public Delivery ReceivedAgain(DateTimeOffset receivedAt)
    {
        var made = new Delivery(IsLate ? Id : Guid.CreateVersion7(receivedAt), Body, Content, receivedAt, Sha256) { IsLate = IsLate };
        return Interlocked.CompareExchange(ref again, made, null) ?? made;
    }

    /// <summary>
    /// The delivery with the id and the time that its sender is told, and that it keeps from now on: as it is, or as it was corrected. A write
    /// that was given up may go on, and must store the very same.
    /// </summary>
    public Delivery Settled => Interlocked.CompareExchange(ref again, this, null) ?? this;

    private Delivery With(ParsedCallback content) => new(Id, Body, content, ReceivedAt, Sha256) { IsLate = IsLate };
}
