using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CallbackReceiver.FaultTests.Traffic;

/// <summary>
/// Makes up what is sent: mostly new meetings and new analyses of known ones; some bodies again, some other events, some that fit no
/// schema, some large ones, and some with items that are hard to store or to show. Used by one thread, with the replies coming in from others.
/// </summary>
internal sealed class CallbackSource(string workspaceId, string name, Random random, bool withOddItems = false)
{
    private const string AnalysisFinished = "dashboard_analysis_finished";
    private const string ItemHere = "@item@";
    private const int MostAnalyses = 8;
    private const int SmallestText = 100;
    private const int LargestText = 3_000;
    private const int LargeText = 150_000;

    private readonly Lock gate = new();
    private readonly List<Meeting> idle = [];
    private readonly List<Callback> acknowledged = [];
    private readonly List<Callback> unanswered = [];
    private int made;

    /// <summary>All that was made, in order.</summary>
    public List<Callback> Callbacks { get; } = [];

    public Callback Next()
    {
        lock (gate)
        {
            return random.Next(100) switch
            {
                < 4 when Again(acknowledged) is { } stored => stored,
                < 8 when Again(unanswered) is { } lost => lost,
                < 40 when TakeIdle() is { } meeting => NextAnalysis(meeting),
                < 43 => Add(new Callback(CallbackKind.OtherEvent, null, null, BodyOf("meeting_was_renamed", NextName(), "Renamed"))),
                < 46 => Add(new Callback(CallbackKind.Unfit, null, null, Encoding.UTF8.GetBytes($"no json {NextName()}"))),
                _ => NextAnalysis(new Meeting(NextName())),
            };
        }
    }

    /// <summary>How many answers there are so far, those to bodies sent again too.</summary>
    public int CountReplies()
    {
        lock (gate)
            return Callbacks.Sum(callback => callback.Replies.Count);
    }

    /// <summary>Takes the reply to the last sending of a callback.</summary>
    public void Answered(Callback callback, Reply reply)
    {
        lock (gate)
        {
            callback.Replies.Add(reply);
            if (reply.Kind is ReplyKind.Stored or ReplyKind.Ignored or ReplyKind.Quarantined)
                acknowledged.Add(callback);
            else if (reply.Kind is not ReplyKind.Duplicate && callback.Replies.Count == 1 && callback.Meeting is null or { Analyses.Count: 1 })
                unanswered.Add(callback);
            if (callback.Meeting is { IsClosed: false } meeting && meeting.Analyses[^1] == callback && meeting.Analyses.Count < MostAnalyses && callback.Replies.Count == 1)
                idle.Add(meeting);
        }
    }

    /// <summary>
    /// Bytes that go once more. What is in the ledger for certain changes nothing there. What may or may not have arrived is sent again only
    /// for a meeting that has nothing else, since it may be received now for the first time.
    /// </summary>
    private Callback? Again(List<Callback> from)
    {
        if (from.Count == 0)
            return null;
        var at = random.Next(from.Count);
        var callback = from[at];
        from.RemoveAt(at);
        if (callback.Meeting is { } meeting && !callback.Replies.Exists(reply => reply.Kind == ReplyKind.Stored))
        {
            if (meeting.Analyses.Count > 1)
                return null;
            meeting.IsClosed = true;
            idle.Remove(meeting);
        }

        return callback;
    }

    private Meeting? TakeIdle()
    {
        if (idle.Count == 0)
            return null;
        var at = random.Next(idle.Count);
        var meeting = idle[at];
        idle.RemoveAt(at);
        return meeting;
    }

    private Callback NextAnalysis(Meeting meeting)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{meeting.Id}, analysis {meeting.Analyses.Count + 1}");
        var callback = Add(new Callback(CallbackKind.Analysis, meeting, title, BodyOf(AnalysisFinished, meeting.Id, title)));
        meeting.Analyses.Add(callback);
        return callback;
    }

    private byte[] BodyOf(string eventName, string meetingId, string title)
    {
        var body = JsonSerializer.Serialize(ContentOf(eventName, meetingId, title));
        return Encoding.UTF8.GetBytes(body.Replace($"\"{ItemHere}\"", withOddItems && random.Next(20) == 0 ? OddItem() : "1", StringComparison.Ordinal));
    }

    /// <summary>What a database writes out at length, no number can hold, nests as deep as a callback may, or the sender's Python writes although JSON has no such thing.</summary>
    private string OddItem() => random.Next(5) switch
    {
        0 => $"[{string.Join(',', Enumerable.Repeat("1e308", 200))}]",
        1 => "[1e4300, -1E-4300, 1.000, -0, 12345678901234567890123456789012345678901234567890]",
        2 => $"{new string('[', 58)}1{new string(']', 58)}",
        3 => "[NaN, Infinity, -Infinity]",
        _ => "{\"\": \"\\u0000\\ud800\", \"a\": {\"a\": 1, \"a\": 2}}",
    };

    private object ContentOf(string eventName, string meetingId, string title) => new
    {
        event_name = eventName,
        workspace_id = workspaceId,
        meeting_id = meetingId,
        payload = new
        {
            meeting_id = meetingId,
            customer_satisfaction_rating = "A",
            agent_performance_rating = (string?)null,
            risk_factor = "Communication difficulties",
            title,
            summary = Text(),
            transcript = new[] { new { text = "Hi, I'm calling about my documents.", speaker = "customer" } },
            item = ItemHere,
        },
    };

    private string Text() => new((char)random.Next('a', 'z' + 1), random.Next(100) == 0 ? LargeText : random.Next(SmallestText, LargestText));

    private Callback Add(Callback callback)
    {
        Callbacks.Add(callback);
        return callback;
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{name}-{++made}");
}
