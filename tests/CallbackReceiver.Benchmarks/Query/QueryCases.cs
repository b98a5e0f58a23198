using System.Globalization;
using CallbackReceiver.Benchmarks.Query.Data;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>The questions that are asked of the meetings of a plan.</summary>
internal sealed class QueryCases(DataPlan plan)
{
    private const int MeetingsAskedFor = 200;

    private const double ListTarget = 10;
    private const double MeetingTarget = 5;
    private const double SearchTarget = 200;
    private const double StatisticsTarget = 100;

    private const string SumWorkspaces = """
        SELECT sum(meetings)::bigint
        FROM (SELECT workspace_id, count(*) AS meetings, max(received_at) FROM meetings GROUP BY workspace_id) AS workspaces
        """;

    private const string SelectSegments = """
        SELECT json_array_length(transcript)::bigint FROM meetings WHERE workspace_id = $1 AND meeting_id = $2
        """;

    private const string Zone = "Asia/Taipei";

    private readonly string chinese = DataPlan.Chinese.Id;
    private readonly string english = DataPlan.English.Id;

    public IEnumerable<QueryCase> All => [.. Lists, .. Searches, .. Statistics];

    private IEnumerable<QueryCase> Lists =>
    [
        new("workspaces", null, [new("", new NaiveQuery(SumWorkspaces))], AnswerCounts.OfWorkspacesAsync),
        new("first page", null, [List("", NaiveQuery.Count(chinese))], AnswerCounts.OfPagesAsync),
        new("first page, both ratings", ListTarget, [.. TwoRatings("EE", "DE", "ED", "CE", "AE", "AA", "BC")], AnswerCounts.OfPagesAsync),
        new("first page, speaker and risk factor", ListTarget, [.. SpeakersWithRisk(6)], AnswerCounts.OfPagesAsync),
        new("first page, rating within a week, oldest first", ListTarget, [.. RatingInWeek(6)], AnswerCounts.OfPagesAsync),
        new("one meeting", MeetingTarget, [.. Meetings()], AnswerCounts.OfSegmentsAsync),
    ];

    private IEnumerable<QueryCase> Searches =>
    [
        .. DataPlan.Chinese.Languages[0].Sought.Where(sought => sought.Text.Length == 2).Select(sought => Search(chinese, sought.Text, Share(sought), SearchTarget)),
        Search(chinese, "珀琥", "in none", SearchTarget),
        Search(chinese, "客服務", "in none, both its pairs in most"),
        .. DataPlan.English.Languages[0].Sought.Where(sought => !sought.Text.Contains(' ', StringComparison.Ordinal))
            .Select(sought => Search(english, sought.Text, Share(sought))),
        new("search `DOCUMENT`", null, [SearchOf(english, "DOCUMENT", "DOCUMENT")], AnswerCounts.OfPagesAsync),
        Phrase(english, "second reminder letter"),
        Phrase(chinese, "客戶需要"),
        Words(english, "refund", "typhoon"),
        Words(chinese, "文件", "補件", "颱風"),
        new("search `補件` with rating E", null, [SearchWithRating("補件", "E")], AnswerCounts.OfPagesAsync),
    ];

    private IEnumerable<QueryCase> Statistics =>
    [
        new("statistics of 30 days", StatisticsTarget, [.. ThirtyDays(11)], AnswerCounts.OfStatisticsAsync),
        new("statistics of the year", null, [StatisticsOf(DataPlan.From, DataPlan.To, "month")], AnswerCounts.OfStatisticsAsync),
    ];

    private IEnumerable<CaseVariant> TwoRatings(params string[] pairs) => pairs.Select(pair => List(
        $"?customer_satisfaction_rating={pair[0]}&agent_performance_rating={pair[1]}",
        NaiveQuery.Count(chinese, "customer_satisfaction_rating = $2 AND agent_performance_rating = $3", pair[..1], pair[1..])));

    private IEnumerable<CaseVariant> SpeakersWithRisk(int count)
    {
        var (language, risks) = (DataPlan.Chinese.Languages[0], ChineseVocabulary.Risks);
        return Enumerable.Range(0, count).Select(index => (Speaker: language.Agent(1 + (index * 37)), Risk: risks[index * 2])).Select(pair => List(
            $"?speaker={Uri.EscapeDataString(pair.Speaker)}&risk_factor={Uri.EscapeDataString(pair.Risk)}",
            NaiveQuery.Count(chinese, "$2 = ANY (speakers) AND risk_factor = $3", pair.Speaker, pair.Risk)));
    }

    private IEnumerable<CaseVariant> RatingInWeek(int count) => Enumerable.Range(0, count).Select(index => DataPlan.From.AddDays(index * 50)).Select(from => List(
        $"?customer_satisfaction_rating=D&received_from={Time(from)}&received_to={Time(from.AddDays(7))}&sort=received_at",
        NaiveQuery.Count(chinese, "customer_satisfaction_rating = 'D' AND received_at >= $2 AND received_at < $3", from, from.AddDays(7))));

    private IEnumerable<CaseVariant> Meetings()
    {
        var (maker, chunks) = (new MeetingMaker(plan), plan.ChunkStarts.ToList());
        var ofEach = Math.Max(1, MeetingsAskedFor / chunks.Count);
        return chunks
            .SelectMany(start => maker.Make(start, Math.Min(plan.Meetings, start + ofEach)))
            .Select(meeting => new CaseVariant(
                $"/{meeting.WorkspaceId}/meetings/{meeting.MeetingId}",
                new NaiveQuery(SelectSegments, meeting.WorkspaceId, meeting.MeetingId)));
    }

    private static QueryCase Search(string workspaceId, string text, string share, double? target = null) =>
        new($"search `{text}` ({share})", target, [SearchOf(workspaceId, text, text)], AnswerCounts.OfPagesAsync);

    private static QueryCase Phrase(string workspaceId, string text) =>
        new($"search `\"{text}\"`", null, [SearchOf(workspaceId, $"\"{text}\"", text)], AnswerCounts.OfPagesAsync);

    private static QueryCase Words(string workspaceId, params string[] words) =>
        new($"search `{string.Join(' ', words)}`", null, [SearchOf(workspaceId, string.Join(' ', words), words)], AnswerCounts.OfPagesAsync);

    private static CaseVariant SearchOf(string workspaceId, string q, params string[] texts) =>
        new($"/{workspaceId}/meetings?q={Uri.EscapeDataString(q)}", NaiveQuery.Search(workspaceId, texts));

    private CaseVariant SearchWithRating(string text, string rating)
    {
        var search = NaiveQuery.Search(chinese, text);
        return List(
            $"?q={Uri.EscapeDataString(text)}&customer_satisfaction_rating={rating}",
            search with { Sql = $"{search.Sql} AND customer_satisfaction_rating = '{rating}'" });
    }

    private IEnumerable<CaseVariant> ThirtyDays(int count) =>
        Enumerable.Range(0, count).Select(month => DataPlan.From.AddMonths(month)).Select(from => StatisticsOf(from, from.AddDays(30), "day"));

    private CaseVariant StatisticsOf(DateTime from, DateTime to, string interval) => new(
        $"/{chinese}/statistics?received_from={Time(from)}&received_to={Time(to)}&interval={interval}&time_zone={Uri.EscapeDataString(Zone)}",
        NaiveQuery.Statistics(chinese, from, to, interval, Zone));

    private CaseVariant List(string query, NaiveQuery naive) => new($"/{chinese}/meetings{query}", naive);

    private static string Share(SoughtText sought) => string.Create(CultureInfo.InvariantCulture, $"in {sought.Share * 100:0.##} %");

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
