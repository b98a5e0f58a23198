namespace CallbackReceiver.Callbacks;

/// <summary>JSON as it was sent, and as the parser can read it: both have every value at the same offset.</summary>
internal readonly struct SentJson
{
    private readonly ReadOnlyMemory<byte> sent;

    /// <param name="sent">UTF-8.</param>
    /// <param name="withNonFinite">Whether to look for numbers that are not finite, which JSON does not have.</param>
    public SentJson(ReadOnlyMemory<byte> sent, bool withNonFinite)
    {
        this.sent = StorableJson.Repair(sent);
        Readable = withNonFinite ? NonFiniteNumbers.Mask(this.sent) : this.sent;
    }

    /// <summary>What the parser reads.</summary>
    public ReadOnlyMemory<byte> Readable { get; }

    /// <summary>What is stored of a part that is an array: that part, with strings in the places of numbers that are not finite.</summary>
    public ReadOnlyMemory<byte> Keep(Range array) => Shown(sent[array]);

    /// <summary>What is stored of members: an object that has them.</summary>
    /// <param name="members">Each from its name to the end of its value.</param>
    public ReadOnlyMemory<byte> Keep(List<Range> members)
    {
        var source = sent.Span;
        var length = 1 + members.Count;
        foreach (var member in members)
            length += source[member].Length;

        var kept = new byte[length];
        var at = 0;
        foreach (var member in members)
        {
            kept[at++] = at == 1 ? (byte)'{' : (byte)',';
            source[member].CopyTo(kept.AsSpan(at));
            at += source[member].Length;
        }

        kept[at] = (byte)'}';
        return Shown(kept);
    }

    private ReadOnlyMemory<byte> Shown(ReadOnlyMemory<byte> kept) => Readable.Equals(sent) ? kept : NonFiniteNumbers.Quote(kept);
}
