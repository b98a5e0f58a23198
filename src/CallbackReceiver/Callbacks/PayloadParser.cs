using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Reads the analysis items of a payload (vendor's document, "Payload" and "Transcript object"). All items but the meeting's id may be
/// missing or null: items differ per workspace. A member that comes twice counts as it comes last, as Python reads it.
/// </summary>
internal ref struct PayloadParser(SentJson json, SchemaErrors errors, string? envelopeMeetingId)
{
    private MemberCollector items = new(json);
    private SpeakerSet? speakers;
    private string? title;
    private string? summary;
    private string? customerSatisfactionRating;
    private string? agentPerformanceRating;
    private string? agentPerformanceFeedback;
    private string? riskFactor;
    private ReadOnlyMemory<byte> transcript = Analysis.NoTranscript;
    private int segments;

    /// <summary>Null where the payload has none.</summary>
    public string? MeetingId { get; private set; }

    /// <summary>Reads the object that the reader stands at the start of.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadMember(ref reader);
    }

    public readonly Analysis ToAnalysis(string meetingId, MemberCollector metadata) => new()
    {
        MeetingId = meetingId,
        Title = title,
        Summary = summary,
        CustomerSatisfactionRating = customerSatisfactionRating,
        AgentPerformanceRating = agentPerformanceRating,
        AgentPerformanceFeedback = agentPerformanceFeedback,
        RiskFactor = riskFactor,
        Items = items.ToObject(),
        Metadata = metadata.ToObject(),
        FitsJsonb = items.FitsJsonb && metadata.FitsJsonb,
        Transcript = transcript,
        Segments = segments,
        Speakers = speakers?.ToArray() ?? [],
    };

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("title"u8))
            title = ReadText(ref reader, "/payload/title");
        else if (reader.ValueTextEquals("summary"u8))
            summary = ReadText(ref reader, "/payload/summary");
        else if (reader.ValueTextEquals("customer_satisfaction_rating"u8))
            customerSatisfactionRating = ReadRating(ref reader, "/payload/customer_satisfaction_rating");
        else if (reader.ValueTextEquals("agent_performance_rating"u8))
            agentPerformanceRating = ReadRating(ref reader, "/payload/agent_performance_rating");
        else if (reader.ValueTextEquals("agent_performance_feedback"u8))
            agentPerformanceFeedback = ReadText(ref reader, "/payload/agent_performance_feedback");
        else if (reader.ValueTextEquals("risk_factor"u8))
            riskFactor = ReadText(ref reader, "/payload/risk_factor");
        else if (reader.ValueTextEquals("transcript"u8))
            ReadTranscript(ref reader);
        else if (reader.ValueTextEquals("meeting_id"u8))
            MeetingId = JsonFields.ReadName(ref reader, "/payload/meeting_id", errors, envelopeMeetingId);
        else
            items.Take(ref reader);
    }

    private readonly string? ReadText(ref Utf8JsonReader reader, string path) => JsonFields.ReadText(ref reader, path, errors);

    private readonly string? ReadRating(ref Utf8JsonReader reader, string path)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return null;
            case JsonTokenType.String when reader.ValueTextEquals("A"u8): return "A";
            case JsonTokenType.String when reader.ValueTextEquals("B"u8): return "B";
            case JsonTokenType.String when reader.ValueTextEquals("C"u8): return "C";
            case JsonTokenType.String when reader.ValueTextEquals("D"u8): return "D";
            case JsonTokenType.String when reader.ValueTextEquals("E"u8): return "E";
            default:
                reader.Skip();
                errors.Add(path, "a rating is \"A\", \"B\", \"C\", \"D\", \"E\" or null");
                return null;
        }
    }

    private void ReadTranscript(ref Utf8JsonReader reader)
    {
        (transcript, segments, speakers) = (Analysis.NoTranscript, 0, null);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            errors.Add("/payload/transcript", "a transcript is a list of objects with text and speaker");
            return;
        }

        speakers = new SpeakerSet();
        var start = (int)reader.TokenStartIndex;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; segments++)
            ReadSegment(ref reader);
        transcript = json.Keep(start..(int)reader.BytesConsumed);
    }

    private readonly void ReadSegment(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            errors.Add($"/payload/transcript/{segments}", "a transcript's segment is an object with text and speaker");
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSpeaker = reader.ValueTextEquals("speaker"u8);
            var isText = !isSpeaker && reader.ValueTextEquals("text"u8);
            reader.Read();
            if (isSpeaker && reader.TokenType == JsonTokenType.String)
                speakers!.Add(reader);
            else if ((isSpeaker || isText) && reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                errors.Add($"/payload/transcript/{segments}/{(isSpeaker ? "speaker" : "text")}", JsonFields.NotText);
            reader.Skip();
        }
    }
}
