using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>A call as it was sent, for a reference that needs no database.</summary>
public sealed record PastCall(string MeetingId, string? Title, string? Summary, string? Feedback, string? RiskFactor, string? Satisfaction, string? Performance, (string Text, string Speaker)[] Segments)
{
    public DateTime ReceivedAt { get; set; }

    public IEnumerable<string> Texts => new[] { Title, Summary, Feedback, RiskFactor }.OfType<string>().Concat(Segments.Select(segment => segment.Text));

    public byte[] ToBody() => new CallbackBuilder(MeetingId)
    {
        Title = Title,
        Summary = Summary,
        AgentPerformanceFeedback = Feedback,
        RiskFactor = RiskFactor,
        CustomerSatisfactionRating = Satisfaction,
        AgentPerformanceRating = Performance,
        Transcript = Segments.Select(segment => CallbackBuilder.Segment(segment.Text, segment.Speaker)).ToArray(),
    }.Build();
}

/// <summary>
/// A service with some thousand random calls, received over some weeks: enough for segments of the search to be merged.
/// Other tests may only read it.
/// </summary>
public sealed class Archive(PostgresServer server) : IAsyncLifetime
{
    private const int Count = 9000;

    private static readonly string[] Words =
    [
        "文件", "補件", "客戶", "需要", "帳單", "申訴", "退款", "合約", "通話", "確認", "您好", "謝謝", "王", "documents", "Refund", "invoice", "contract", "please", "call",
        "back", "tomorrow", "VIP", "ok", "50%", "a_b", "C:\\tmp", "\"quoted\"", "o'clock", "e-mail", "😀", "Ünïcode",
    ];

    private static readonly string[] RiskFactors = ["Communication difficulties", "客訴升級", "個資疑慮", "Churn"];

    public Receiver Receiver { get; } = new(server);

    public IReadOnlyList<PastCall> Calls { get; private set; } = [];

    /// <summary>The ids of the calls that fit, in order of receiving.</summary>
    public List<string> Expected(Func<PastCall, bool> isWanted) =>
        [.. Calls.Where(isWanted).OrderBy(call => call.ReceivedAt).ThenBy(call => call.MeetingId, StringComparer.Ordinal).Select(call => call.MeetingId)];

    public static string RandomText(Random random, int words) =>
        string.Join(random.Next(3) == 0 ? "" : " ", Enumerable.Range(0, words).Select(_ => Words[(int)(Words.Length * Math.Pow(random.NextDouble(), 2))]));

    public async ValueTask InitializeAsync()
    {
        await Receiver.InitializeAsync();
        var random = new Random(20260131);
        Calls = [.. Enumerable.Range(0, Count).Select(number => RandomCall(random, number))];
        await Parallel.ForEachAsync(Calls, async (call, _) => Assert.Equal(200, (await Receiver.Service.PostAsync(Workspaces.Demo, call.ToBody())).Status));
        await UntilProjectedAsync(); // else a change under way could take the place of those below
        await SpreadAsync();
        await UntilProjectedAsync();
        await Eventually.HoldsAsync(async () => await Receiver.ScalarAsync<long>("SELECT count(*) FROM search_blocks WHERE segment_id IS NOT NULL") > 30);
        await Eventually.HoldsAsync(async () => await Receiver.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM search_segments WHERE blocks > 1)"), "segments are merged");
    }

    public async Task UntilProjectedAsync() => await Eventually.HoldsAsync(async () => await Receiver.ScalarAsync<long>("SELECT count(*) FROM changes") == 0);

    public ValueTask DisposeAsync() => Receiver.DisposeAsync();

    /// <summary>Lets the calls be received over some weeks; some of them at one moment.</summary>
    private async Task SpreadAsync()
    {
        await Receiver.QueryAsync("""
            UPDATE meetings SET received_at = to_timestamp(1767571200 + (hashtext(meeting_id) & 2097151) / 8 * 8); -- from 2026-01-05 on
            INSERT INTO changes SELECT workspace_id, delivery_ids[revision], meeting_id, false FROM meetings ON CONFLICT DO NOTHING
            """);
        var times = (await Receiver.QueryAsync("SELECT meeting_id, received_at FROM meetings")).ToDictionary(row => (string)row[0]!, row => (DateTime)row[1]!);
        foreach (var call in Calls)
            call.ReceivedAt = times[call.MeetingId];
    }

    private static PastCall RandomCall(Random random, int number)
    {
        string? Maybe(string value) => random.Next(10) == 0 ? null : value;
        string? Rating() => random.Next(20) switch { 0 => "E", 1 or 2 => "D", < 6 => "C", < 12 => "B", < 18 => "A", _ => null };
        var risk = random.Next(3) == 0 ? $"rare {random.Next(1000)}" : RiskFactors[random.Next(RiskFactors.Length)];
        return new PastCall(
            $"call-{number:d5}", Maybe(RandomText(random, 3)), Maybe(RandomText(random, 6)), Maybe(RandomText(random, 4)), Maybe(risk), Rating(), Rating(),
            [.. Enumerable.Range(0, random.Next(6)).Select(_ => (RandomText(random, 4), random.Next(2) == 0 ? "customer" : $"客服 {random.Next(200)}"))]);
    }
}
