namespace CallbackReceiver.Callbacks;

/// <summary>
/// One analysis of a meeting, ready to be stored: no text holds U+0000 or a lone surrogate, and neither do the JSON parts, which are UTF-8.
/// They may be slices of the body's buffer, and live as long as it does.
/// </summary>
internal sealed record Analysis
{
    /// <summary>The <see cref="Transcript"/> of a call of which there is none: an empty array.</summary>
    public static readonly ReadOnlyMemory<byte> NoTranscript = "[]"u8.ToArray();

    /// <summary>1 to 200 characters: <c>seax_</c> and hex digits, or a UUID, in what the vendor's document shows.</summary>
    public required string MeetingId { get; init; }

    public string? Title { get; init; }

    public string? Summary { get; init; }

    /// <summary><c>A</c> (best) to <c>E</c>; null where there was too little to judge by (vendor's document, "Payload").</summary>
    public string? CustomerSatisfactionRating { get; init; }

    /// <inheritdoc cref="CustomerSatisfactionRating"/>
    public string? AgentPerformanceRating { get; init; }

    public string? AgentPerformanceFeedback { get; init; }

    public string? RiskFactor { get; init; }

    /// <summary>The workspace's own analysis items: a JSON object of the payload's other members.</summary>
    public required ReadOnlyMemory<byte> Items { get; init; }

    /// <summary>A JSON object of the envelope's other members ("callback metadata").</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Whether PostgreSQL's jsonb takes <see cref="Items"/> and <see cref="Metadata"/>, and does not write out their numbers.</summary>
    public required bool FitsJsonb { get; init; }

    /// <summary>A JSON array of <c>{"text","speaker"}</c> objects.</summary>
    public required ReadOnlyMemory<byte> Transcript { get; init; }

    /// <summary>The number of objects in <see cref="Transcript"/>.</summary>
    public required int Segments { get; init; }

    /// <summary>The distinct speakers of the transcript, in order of appearance.</summary>
    public required string[] Speakers { get; init; }
}
