using System.Text;
using System.Text.Json.Nodes;
using SeaMeet.Simulator.Api;
using SeaMeet.Simulator.Jobs;

namespace SeaMeet.Simulator.Callbacks;

/// <summary>The body of a callback, byte for byte as Python's <c>json.dumps</c> writes it.</summary>
internal static class CallbackBody
{
    /// <summary>The envelope of the document's table and example.</summary>
    public static byte[] Documented(SimulatedJob job, CallbackOptions options)
    {
        var analysis = MadeUpAnalysis.Of(job);
        return Write(options,
        [
            new("event_name", "dashboard_analysis_finished"),
            new("workspace_id", job.Meeting.WorkspaceId),
            new("meeting_id", job.Meeting.Id),
            new("payload", Payload(options,
            [
                new("meeting_id", job.Meeting.Id),
                new("customer_satisfaction_rating", analysis.CustomerSatisfactionRating),
                new("agent_performance_rating", analysis.AgentPerformanceRating),
                new("agent_performance_feedback", analysis.AgentPerformanceFeedback),
                new("risk_factor", analysis.RiskFactor),
                new("summary", analysis.Summary),
                new("title", analysis.Title),
                new("transcript", analysis.Transcript),
            ])),
        ]);
    }

    /// <summary>The envelope of the request that the document captured: another name for the event, no ids beside the payload, fewer items.</summary>
    public static byte[] Captured(SimulatedJob job, CallbackOptions options)
    {
        var analysis = MadeUpAnalysis.Of(job);
        return Write(options,
        [
            new("event", "dashboard_analysis_finished"),
            new("payload", Payload(options,
            [
                new("meeting_id", job.Meeting.Id),
                new("customer_satisfaction_rating", analysis.CustomerSatisfactionRating),
                new("agent_performance_rating", analysis.AgentPerformanceRating),
                new("agent_performance_feedback", analysis.AgentPerformanceFeedback),
                new("transcript", analysis.Transcript),
            ])),
        ]);
    }

    private static object Payload(CallbackOptions options, KeyValuePair<string, object?>[] members) =>
        options.PayloadAsString ? PythonJson.Dumps(members, options.EnsureAscii) : members;

    private static byte[] Write(CallbackOptions options, KeyValuePair<string, object?>[] members) =>
        Encoding.UTF8.GetBytes(PythonJson.Dumps(members, options.EnsureAscii));
}

/// <summary>An analysis that nobody made: of the right shape and size, and saying so.</summary>
internal sealed record MadeUpAnalysis(
    string? CustomerSatisfactionRating,
    string? AgentPerformanceRating,
    string AgentPerformanceFeedback,
    string RiskFactor,
    string Summary,
    string Title,
    IReadOnlyList<KeyValuePair<string, object?>[]> Transcript)
{
    private const int BytesPerSegment = 80_000; // five seconds of 8 kHz, 16 bit
    private const int MostSegments = 1_500;

    private static readonly string?[] Ratings = ["A", "B", "C", "D", "E", null];

    /// <summary>The same for the same meeting and recording, whatever the envelope.</summary>
    public static MadeUpAnalysis Of(SimulatedJob job)
    {
        var random = new Random(HashOf(job.Meeting.Id));
        var words = job.Meeting.Language.StartsWith("zh", StringComparison.Ordinal) ? Words.Mandarin : Words.English;
        var parameters = job.Parameters["scenario_parameters"] as JsonObject ?? [];
        var agent = RequestJson.Text(parameters, "agent_name") ?? "agent";
        var customer = RequestJson.Text(parameters, "customer_name") ?? "customer";
        var segments = (int)Math.Clamp(job.Audio.Length / BytesPerSegment, 2, MostSegments);
        return new MadeUpAnalysis(
            Ratings[random.Next(Ratings.Length)],
            Ratings[random.Next(Ratings.Length)],
            words.Feedback,
            words.Risks[random.Next(words.Risks.Length)],
            words.Summary,
            $"{words.Title}: {job.Meeting.Name}",
            [.. Enumerable.Range(0, segments).Select(i => Segment(words.Lines[i % words.Lines.Length], i % 2 == 0 ? agent : customer))]);
    }

    private static KeyValuePair<string, object?>[] Segment(string text, string speaker) => [new("text", text), new("speaker", speaker)];

    private static int HashOf(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));

    private sealed record Words(string Title, string Summary, string Feedback, string[] Risks, string[] Lines)
    {
        public static Words English { get; } = new(
            "Simulated analysis",
            "The simulator made this analysis up: it did not listen to the recording.",
            "There was no agent to rate: the simulator drew the rating by lot.",
            ["None", "Long silence", "Unclear request"],
            ["This line comes from the simulator.", "So does the answer to it.", "Nothing of the recording is in these words.", "Quotes \" and \\ have to survive, and 👋 too."]);

        public static Words Mandarin { get; } = new(
            "模擬分析",
            "這份分析由模擬器產生，並未聆聽錄音內容。",
            "沒有真正的客服人員，評分由模擬器抽籤決定。",
            ["無", "長時間靜默", "需求不明"],
            ["這句話來自模擬器。", "這句回答也是。", "錄音的內容不在這些文字裡。", "引號 \" 和 👋 都要保持原樣。"]);
    }
}
