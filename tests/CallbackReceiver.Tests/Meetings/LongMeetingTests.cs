using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Meetings of megabytes: pages are shorter, and many readers at once neither end the process nor are they all refused.</summary>
public sealed class LongMeetingTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [InlineData("received_at")]
    [InlineData("-received_at")]
    public async Task Page_of_long_meetings_is_shorter_and_the_next_one_goes_on(string sort)
    {
        string[] fields = ["summary", "title", "agent_performance_feedback", "x"];
        var ids = Enumerable.Range(0, 8).Select(n => $"long {sort} {n}").ToList();
        foreach (var (n, id) in ids.Index())
        {
            var text = new string((char)('a' + n), n == 3 ? 5 * Megabyte : Megabyte);
            await StoreAsync(receiver.Service, new CallbackBuilder(id) { RiskFactor = sort }.Payload(fields[n % fields.Length], text));
        }

        var pages = new List<List<string?>>();
        for (var cursor = ""; ;)
        {
            var answer = await receiver.Service.GetAsync($"{Demo}/meetings?limit=50&risk_factor={sort}&sort={sort}{cursor}");
            Assert.Equal(200, answer.Status);
            pages.Add([.. answer.Json.GetProperty("items").EnumerateArray().Select(meeting => meeting.GetProperty("meeting_id").GetString())]);
            Assert.True(answer.Bytes.Length < 5 * Megabyte + 10_000, $"{answer.Bytes.Length}");
            if (answer.Json.GetProperty("next_cursor").GetString() is not { } next)
                break;
            Assert.Contains("rel=\"next\"", answer.Headers["Link"], StringComparison.Ordinal);
            cursor = $"&cursor={next}";
        }

        Assert.Equal(sort == "received_at" ? ids : ids.AsEnumerable().Reverse(), pages.SelectMany(page => page));
        Assert.Equal([1, 1, 3, 3], pages.Select(page => page.Count).Order());
    }

    [Fact]
    public async Task Forty_readers_of_long_meetings_at_once_are_answered_in_bounded_memory()
    {
        await using var service = await receiver.StartAsync(("Answers:MemoryBytes", $"{64 * Megabyte}"));
        for (var n = 0; n < 5; n++)
            await StoreAsync(service, new CallbackBuilder($"reader {n}") { RiskFactor = "readers", Summary = "\"" + new string('s', 7 * Megabyte) });
        string[] paths =
        [
            $"{Demo}/meetings?risk_factor=readers", $"{Demo}/meetings/reader%201", $"{Demo}/meetings/reader%202/revisions/1", $"{Demo}/meetings/reader%203/transcript",
            $"{Demo}/export?risk_factor=readers&include=transcript", $"{Demo}/export?risk_factor=readers&format=csv",
        ];

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => StatusAsync(service, paths[n % paths.Length])));

        Assert.All(answers, status => Assert.True(status is 200 or 503, $"{status}"));
        Assert.Contains(200, answers);
        Assert.InRange(service.PeakWorkingSet / Megabyte, 0, 1200); // forty such answers at once would be several gigabytes
        Assert.Equal(200, await StatusAsync(service, paths[0]));
    }

    /// <summary>A busy machine may take long over megabytes, which are spooled then.</summary>
    private static async Task StoreAsync(ReceiverProcess service, CallbackBuilder callback)
    {
        var answer = await service.PostAsync(Workspaces.Demo, callback.Build());
        Assert.True(answer.Outcome is "stored" or "spooled", answer.ToString());
        await Eventually.HoldsAsync(async () => await StatusAsync(service, $"{Demo}/meetings/{Uri.EscapeDataString((string)callback.MeetingId!)}/revisions") == 200);
    }

    /// <summary>Reads an answer to its end without keeping it.</summary>
    private static async Task<int> StatusAsync(ReceiverProcess service, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new("Bearer", Keys.ApiAll) } };
        using var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
