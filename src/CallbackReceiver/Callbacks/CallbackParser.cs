using System.Text.Json;
using System.Text.Unicode;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Reads the envelope of a callback, in either of the two forms that the vendor's document shows: <c>event_name</c> with the ids beside
/// it, or <c>event</c> without any; the payload an object, or a string of JSON.
/// </summary>
internal ref struct CallbackParser
{
    public const string AnalysisFinished = "dashboard_analysis_finished";

    private const int MaxDepth = 64;

    /// <summary>What is wrong with the envelope, whatever the event.</summary>
    private readonly SchemaErrors errors = new();

    /// <summary>What is wrong with the analysis: this counts only where the event says that there is one.</summary>
    private readonly SchemaErrors analysisErrors = new();

    private readonly string signingWorkspaceId;
    private readonly bool withNonFinite;
    private readonly SentJson json;
    private MemberCollector metadata;
    private PayloadParser payload;
    private bool hasPayload;
    private bool isJson = true;
    private string? eventName;
    private string? shortEventName;
    private string? workspaceId;
    private string? meetingId;

    private CallbackParser(string signingWorkspaceId, ReadOnlyMemory<byte> body, bool withNonFinite)
    {
        this.signingWorkspaceId = signingWorkspaceId;
        this.withNonFinite = withNonFinite;
        json = new SentJson(body, withNonFinite);
        metadata = new MemberCollector(json);
    }

    /// <summary>Never throws, whatever the bytes are.</summary>
    public static ParsedCallback Parse(VerifiedBody body) => Parse(body.WorkspaceId, body.Bytes);

    /// <summary>Reads again what had been verified before it was stored.</summary>
    /// <returns>Null where it is no analysis.</returns>
    public static Analysis? ReadStored(string workspaceId, ReadOnlyMemory<byte> body) =>
        Parse(workspaceId, body) is ParsedCallback.Analysed { Analysis: var analysis } ? analysis : null;

    private static ParsedCallback Parse(string workspaceId, ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
            return Unfit([new SchemaError("", "not JSON: the body is not UTF-8")], eventName: null, meetingId: null, body.Span);
        var parser = new CallbackParser(workspaceId, body, withNonFinite: false);
        parser.ReadEnvelope();
        if (!parser.isJson)
        {
            // Numbers that are not finite may be all that is wrong: only then are they looked for.
            parser = new CallbackParser(workspaceId, body, withNonFinite: true);
            parser.ReadEnvelope();
        }

        return parser.Conclude();
    }

    private void ReadEnvelope()
    {
        var reader = new Utf8JsonReader(json.Readable.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                errors.Add("", "a callback is a JSON object");
                reader.Skip();
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadMember(ref reader);
            ReadToEnd(ref reader);
        }
        catch (JsonException)
        {
            isJson = false;
            errors.Add("", NotJson(reader, json.Readable.Span));
        }
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("event_name"u8))
            eventName = JsonFields.ReadName(ref reader, "/event_name", errors, AnalysisFinished);
        else if (reader.ValueTextEquals("event"u8))
            shortEventName = JsonFields.ReadName(ref reader, "/event", errors, AnalysisFinished);
        else if (reader.ValueTextEquals("workspace_id"u8))
            workspaceId = JsonFields.ReadText(ref reader, "/workspace_id", errors, signingWorkspaceId);
        else if (reader.ValueTextEquals("meeting_id"u8))
            meetingId = JsonFields.ReadName(ref reader, "/meeting_id", analysisErrors);
        else if (reader.ValueTextEquals("payload"u8))
            ReadPayload(ref reader);
        else
            metadata.Take(ref reader);
    }

    private void ReadPayload(ref Utf8JsonReader reader)
    {
        hasPayload = true;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                payload = new PayloadParser(json, analysisErrors, meetingId);
                payload.Read(ref reader);
                break;
            case JsonTokenType.String:
                ReadPayloadText(reader);
                break;
            default:
                reader.Skip();
                analysisErrors.Add("/payload", "a payload is an object, or a string of JSON that holds one");
                break;
        }
    }

    /// <summary>The document's table has the payload "formatted in json string": JSON within JSON.</summary>
    private void ReadPayloadText(in Utf8JsonReader outer)
    {
        var unescaped = new byte[outer.ValueSpan.Length];
        var inner = new SentJson(unescaped.AsMemory(0, outer.CopyString(unescaped)), withNonFinite);
        var reader = new Utf8JsonReader(inner.Readable.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        payload = new PayloadParser(inner, analysisErrors, meetingId);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                analysisErrors.Add("/payload", "a payload is an object, or a string of JSON that holds one");
            else
                payload.Read(ref reader);
            ReadToEnd(ref reader);
        }
        catch (JsonException)
        {
            isJson = false;
            analysisErrors.Add("/payload", NotJson(reader, inner.Readable.Span));
        }
    }

    private readonly ParsedCallback Conclude()
    {
        if (workspaceId is not null && workspaceId != signingWorkspaceId)
            return new ParsedCallback.OtherWorkspace();
        var name = eventName ?? shortEventName;
        var meeting = meetingId ?? payload.MeetingId;
        if (name is null && !errors.Any)
            errors.Add("/event_name", "missing");
        if (name is not (null or AnalysisFinished) && !errors.Any)
        {
            var (named, others) = MeetingNames.In(json.Readable.Span, meeting);
            return new ParsedCallback.OtherEvent(name, named, others);
        }

        if (!hasPayload && !errors.Any)
            analysisErrors.Add("/payload", "missing");
        if (meeting is null && !errors.Any && !analysisErrors.Any)
            analysisErrors.Add("/meeting_id", "missing, here and in the payload");
        return errors.Any || analysisErrors.Any
            ? Unfit([.. errors.ToList(), .. analysisErrors.ToList()], name, meeting, json.Readable.Span)
            : new ParsedCallback.Analysed(payload.ToAnalysis(meeting!, metadata));
    }

    /// <summary>Whatever is wrong with a body: if it names a meeting somewhere, it goes when that is erased.</summary>
    private static ParsedCallback.Unfit Unfit(IReadOnlyList<SchemaError> errors, string? eventName, string? meetingId, ReadOnlySpan<byte> body)
    {
        var (named, others) = MeetingNames.In(body, meetingId);
        return new ParsedCallback.Unfit(errors, eventName, named, others);
    }

    private static void ReadToEnd(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
            // Nothing may follow the object: the reader throws if it does.
        }
    }

    private static string NotJson(in Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var depth = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0);
        var next = json[(int)reader.BytesConsumed..].TrimStart(" \t\r\n:,"u8);
        return depth >= MaxDepth && next is [(byte)'{' or (byte)'[', ..]
            ? $"nested deeper than {MaxDepth} levels"
            : $"not JSON from byte {reader.BytesConsumed} on";
    }
}
