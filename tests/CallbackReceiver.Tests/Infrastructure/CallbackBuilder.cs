using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>
/// Builds the body of a callback as the vendor's stack writes it. Without further words it is a whole analysis of a meeting of its own, in
/// the documented envelope. A member that is set to <see cref="Absent"/> is left out.
/// </summary>
public sealed record CallbackBuilder
{
    /// <summary>Leaves a member out.</summary>
    public static readonly object Absent = new();

    private static int meetings;

    private IReadOnlyList<KeyValuePair<string, object?>> envelopeChanges = [];
    private IReadOnlyList<KeyValuePair<string, object?>> payloadChanges = [];

    /// <param name="meetingId">The meeting; null for one of its own.</param>
    public CallbackBuilder(string? meetingId = null)
    {
        meetingId ??= NewMeetingId();
        (MeetingId, PayloadMeetingId) = (meetingId, meetingId);
    }

    public object? EventName { get; init; } = "dashboard_analysis_finished";

    /// <summary>The member that names the event: <c>event</c> in the captured envelope.</summary>
    public string EventMember { get; init; } = "event_name";

    public object? WorkspaceId { get; init; } = Workspaces.Demo;

    public object? MeetingId { get; init; }

    public object? PayloadMeetingId { get; init; }

    public object? CustomerSatisfactionRating { get; init; } = "A";

    public object? AgentPerformanceRating { get; init; } = "B";

    public object? AgentPerformanceFeedback { get; init; } = "The agent confirmed the customer's needs and gave clear instructions.";

    public object? RiskFactor { get; init; } = "Communication difficulties";

    public object? Summary { get; init; } = "The customer needs to upload supplementary documents.";

    public object? Title { get; init; } = "Document submission";

    public object? Transcript { get; init; } = new object[] { Segment("Hi, I'm calling about my documents.", "customer"), Segment("Of course, let me look that up.", "test agent") };

    /// <summary>The workspace's own analysis items.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Items { get; init; } = [];

    /// <summary>Further members of the envelope.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Metadata { get; init; } = [];

    /// <summary>What stands instead of the whole payload, where it is not <see cref="Absent"/>.</summary>
    public object? WholePayload { get; init; } = Absent;

    public bool PayloadAsString { get; init; }

    public bool EnsureAscii { get; init; } = true;

    /// <summary>The envelope of the request that the vendor's document captured: no ids beside the payload.</summary>
    public static CallbackBuilder Captured() => new() { EventMember = "event", WorkspaceId = Absent, MeetingId = Absent };

    public static string Sign(ReadOnlySpan<byte> body, string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), body));

    public static string NewMeetingId() => $"seax_{Interlocked.Increment(ref meetings):x32}";

    public static KeyValuePair<string, object?>[] Segment(object? text, object? speaker) => [new("text", text), new("speaker", speaker)];

    /// <summary>Sets a member of the envelope.</summary>
    public CallbackBuilder Envelope(string member, object? value) => this with { envelopeChanges = [.. envelopeChanges, new(member, value)] };

    /// <summary>Sets a member of the payload.</summary>
    public CallbackBuilder Payload(string member, object? value) => this with { payloadChanges = [.. payloadChanges, new(member, value)] };

    public CallbackBuilder WithoutEnvelope(string member) => Envelope(member, Absent);

    public CallbackBuilder WithoutPayload(string member) => Payload(member, Absent);

    public byte[] Build() => Encoding.UTF8.GetBytes(BuildText());

    public string BuildText()
    {
        var payload = ReferenceEquals(WholePayload, Absent) ? Present(PayloadMembers(), payloadChanges) : WholePayload;
        if (PayloadAsString)
            payload = PythonJson.Dumps(payload, EnsureAscii);
        IEnumerable<KeyValuePair<string, object?>> envelope =
            [new(EventMember, EventName), new("workspace_id", WorkspaceId), new("meeting_id", MeetingId), new("payload", payload), .. Metadata];
        return PythonJson.Dumps(Present(envelope, envelopeChanges), EnsureAscii);
    }

    private IEnumerable<KeyValuePair<string, object?>> PayloadMembers() =>
    [
        new("meeting_id", PayloadMeetingId),
        new("customer_satisfaction_rating", CustomerSatisfactionRating),
        new("agent_performance_rating", AgentPerformanceRating),
        new("agent_performance_feedback", AgentPerformanceFeedback),
        new("risk_factor", RiskFactor),
        new("summary", Summary),
        new("title", Title),
        new("transcript", Transcript),
        .. Items,
    ];

    /// <summary>The members with the changes in their places, without what is absent.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Present(
        IEnumerable<KeyValuePair<string, object?>> members, IReadOnlyList<KeyValuePair<string, object?>> changes)
    {
        foreach (var (name, value) in changes)
        {
            members = members.Any(member => member.Key == name)
                ? members.Select(member => member.Key == name ? new(name, value) : member).ToList()
                : members.Append(new(name, value)).ToList();
        }

        return members.Where(member => !ReferenceEquals(member.Value, Absent));
    }
}
