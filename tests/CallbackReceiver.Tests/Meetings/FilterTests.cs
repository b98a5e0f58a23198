using System.Globalization;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Every filter, alone and with every other, against a reference that looks at each call: in the list, in the export and in the statistics.</summary>
public sealed class FilterTests(Archive archive) : IClassFixture<Archive>
{
    private const string Demo = "/api/v1/workspaces/demo";
    private const int Rounds = 4;

    private static readonly Func<Random, IReadOnlyList<PastCall>, Filter>[] Kinds = [Satisfaction, Performance, RiskFactor, Speaker, Text, From, To];

    private ReceiverProcess Service => archive.Receiver.Service;

    public static TheoryData<int, int> Pairs => [.. from first in Enumerable.Range(0, 7) from second in Enumerable.Range(first, 7 - first) select (first, second)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Filters_find_what_a_look_at_every_call_finds(int first, int second)
    {
        var random = new Random((first * 7) + second);
        for (var round = 0; round < Rounds; round++)
        {
            List<Filter> filters = [Kinds[first](random, archive.Calls), .. first == second ? [] : new[] { Kinds[second](random, archive.Calls) }];
            var query = string.Join('&', filters.Select(filter => filter.Query));
            var expected = archive.Expected(call => filters.All(filter => filter.IsWanted(call)));

            if (IsTurnedRound(query))
            {
                Assert.Equal(400, (await Service.GetAsync($"{Demo}/meetings?{query}")).Status);
                continue;
            }

            Assert.Equal(expected, await ExportAsync(query));
            Assert.Equal(expected.Take(3 * 200), await PagesAsync(query + "&sort=received_at", pages: 3));
            Assert.Equal(Enumerable.Reverse(expected).Take(3 * 200), await PagesAsync(query, pages: 3));
            if (filters.TrueForAll(filter => !filter.Query.StartsWith("received", StringComparison.Ordinal)))
            {
                var counted = await Service.GetAsync($"{Demo}/statistics?{query}&received_from={Time(Noon)}&received_to={Time(Noon.AddDays(7))}");
                Assert.Equal(
                    archive.Calls.Count(call => call.ReceivedAt >= Noon && call.ReceivedAt < Noon.AddDays(7) && filters.TrueForAll(filter => filter.IsWanted(call))),
                    counted.Json.GetProperty("meetings").GetInt32());
            }
        }
    }

    [Fact]
    public async Task Pages_of_a_search_go_to_the_end_without_repeating_or_skipping()
    {
        var expected = archive.Expected(call => call.Texts.Any(text => text.Contains("文件", StringComparison.Ordinal)));

        Assert.True(expected.Count > 1000);
        Assert.Equal(Enumerable.Reverse(expected), await PagesAsync("q=文件", pages: int.MaxValue, limit: 37));
        Assert.Equal(expected, await PagesAsync("q=文件&sort=received_at", pages: int.MaxValue, limit: 101));
    }

    [Fact]
    public async Task Meetings_whose_facts_are_not_there_yet_are_in_their_place_amid_the_others()
    {
        Filter[] filters =
        [
            new("customer_satisfaction_rating=A&agent_performance_rating=A", call => call is { Satisfaction: "A", Performance: "A" }),
            new("risk_factor=Churn", call => call.RiskFactor == "Churn"),
        ];
        await using (await archive.Receiver.HoldProjectionAsync())
        {
            var without = await TakeFactsAwayAsync();
            foreach (var filter in filters)
            {
                var expected = archive.Expected(filter.IsWanted);

                Assert.NotEmpty(expected.Intersect(without));
                Assert.Equal(Enumerable.Reverse(expected), await PagesAsync(filter.Query, pages: int.MaxValue, limit: 41));
                Assert.Equal(expected, await PagesAsync(filter.Query + "&sort=received_at", pages: int.MaxValue, limit: 83));
            }
        }

        await archive.UntilProjectedAsync(); // the archive is as it was
    }

    [Fact]
    public async Task A_cursor_of_one_order_is_none_of_the_other()
    {
        var cursor = (await Service.GetAsync($"{Demo}/meetings?limit=1&sort=received_at"))["next_cursor"];

        Assert.Equal(200, (await Service.GetAsync($"{Demo}/meetings?limit=1&sort=received_at&cursor={cursor}")).Status);
        Assert.Equal(400, (await Service.GetAsync($"{Demo}/meetings?limit=1&cursor={cursor}")).Status);
    }

    [Theory]
    [InlineData("received_from=2026-01-31", "received_from")]
    [InlineData("received_from=2026-01-31T08:00:00", "received_from")]
    [InlineData("received_from=2026-01-31%2008:00:00Z", "received_from")]
    [InlineData("received_from=2026-01-31T08:00Z", "received_from")]
    [InlineData("received_to=2026-01-31T08:00:00.Z", "received_to")]
    [InlineData("received_to=2026-01-31T08:00:00%2B0800", "received_to")]
    [InlineData("received_to=2026-01-31T08:00:60Z", "received_to")]
    [InlineData("received_to=yesterday", "received_to")]
    [InlineData("received_from=2026-02-01T00:00:00Z&received_to=2026-01-01T00:00:00Z", "received_from")]
    [InlineData("customer_satisfaction_rating=F", "customer_satisfaction_rating")]
    [InlineData("customer_satisfaction_rating=a", "customer_satisfaction_rating")]
    [InlineData("customer_satisfaction_rating=A&customer_satisfaction_rating=", "customer_satisfaction_rating")]
    [InlineData("agent_performance_rating=A,B", "agent_performance_rating")]
    [InlineData("risk_factor=", "risk_factor")]
    [InlineData("risk_factor=%00", "risk_factor")]
    [InlineData("speaker=a&speaker=b", "speaker")]
    [InlineData("speaker=%00", "speaker")]
    [InlineData("q=", "q")]
    [InlineData("q=%20%E3%80%80", "q")]
    [InlineData("q=a%00b", "q")]
    [InlineData("q=%22%22", "q")]
    [InlineData("q=%E2%80%8B", "q")]
    [InlineData("q=a&q=b", "q")]
    [InlineData("sort=title", "sort")]
    [InlineData("sort=%2Breceived_at", "sort")]
    [InlineData("Q=a", "Q")]
    public async Task A_wrong_filter_answers_400_and_its_name(string query, string parameter)
    {
        foreach (var path in Paths.Where(path => path == "meetings" || !query.StartsWith("sort", StringComparison.Ordinal)))
        {
            var answer = await Service.GetAsync($"{Demo}/{path}?{query}");

            Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
            Assert.Equal(parameter, Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("parameter").GetString());
        }
    }

    [Theory]
    [InlineData("2026-01-12T08:00:00+08:00")]
    [InlineData("2026-01-12t00:00:00z")]
    [InlineData("2026-01-12T00:00:00.000000000000-00:00")]
    public async Task A_time_is_the_same_however_RFC_3339_allows_it_to_be_written(string time)
    {
        var expected = archive.Expected(call => call.ReceivedAt >= Noon.AddHours(36));

        Assert.NotEmpty(expected);
        Assert.Equal(expected, await ExportAsync($"received_from={time}")); // a plus that is not escaped arrives as a space
        Assert.Equal(200, (await Service.GetAsync($"{Demo}/deliveries?received_from={time}")).Status);
    }

    [Fact]
    public async Task Text_of_ten_thousand_characters_answers_400() =>
        Assert.Equal(400, (await Service.GetAsync($"{Demo}/meetings?q={Uri.EscapeDataString(new string('件', 10_000))}")).Status);

    private static readonly string[] Paths = ["meetings", "statistics", "export"];

    private static DateTime Noon { get; } = new(2026, 1, 10, 12, 0, 0, DateTimeKind.Utc);

    private static Filter Satisfaction(Random random, IReadOnlyList<PastCall> calls) => Rating(random, "customer_satisfaction_rating", call => call.Satisfaction);

    private static Filter Performance(Random random, IReadOnlyList<PastCall> calls) => Rating(random, "agent_performance_rating", call => call.Performance);

    private static Filter Rating(Random random, string parameter, Func<PastCall, string?> rating)
    {
        var values = random.GetItems(["A", "B", "C", "D", "E", "null", "E", "D", "null"], random.Next(1, 4));
        return new Filter(string.Join('&', values.Select(value => $"{parameter}={value}")), call => values.Contains(rating(call) ?? "null"));
    }

    private static Filter RiskFactor(Random random, IReadOnlyList<PastCall> calls)
    {
        var value = calls[random.Next(calls.Count)].RiskFactor ?? "none";
        return new Filter($"risk_factor={Uri.EscapeDataString(value)}", call => call.RiskFactor == value);
    }

    private static Filter Speaker(Random random, IReadOnlyList<PastCall> calls)
    {
        var value = calls[random.Next(calls.Count)].Segments.LastOrDefault().Speaker ?? "nobody";
        return new Filter($"speaker={Uri.EscapeDataString(value)}", call => call.Segments.Any(segment => segment.Speaker == value));
    }

    /// <summary>A stretch of some call's text, and now and then a word beside it.</summary>
    private static Filter Text(Random random, IReadOnlyList<PastCall> calls)
    {
        var texts = calls[random.Next(calls.Count)].Texts.Where(text => text.Length > 0).DefaultIfEmpty("文件").ToArray();
        var text = texts[random.Next(texts.Length)];
        var start = random.Next(text.Length);
        var stretch = text.Substring(start, random.Next(1, Math.Min(text.Length - start, 9) + 1));
        stretch = string.Concat(stretch.EnumerateRunes().Where(rune => rune.Value is not ('"' or 0xFFFD)));
        if (string.IsNullOrWhiteSpace(stretch))
            stretch = "call";
        string[] words = random.Next(3) == 0 && stretch.Trim().Contains(' ', StringComparison.Ordinal)
            ? [stretch.Trim()]
            : [.. stretch.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. random.Next(3) == 0 ? ["補件"] : Array.Empty<string>()];
        var query = string.Join(' ', words.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));
        query = random.Next(2) == 0 ? query.ToUpperInvariant() : query;
        return new Filter($"q={Uri.EscapeDataString(query)}", call => words.All(word => call.Texts.Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase))));
    }

    private static Filter From(Random random, IReadOnlyList<PastCall> calls)
    {
        var from = calls[random.Next(calls.Count)].ReceivedAt;
        return new Filter($"received_from={Time(from)}", call => call.ReceivedAt >= from);
    }

    private static Filter To(Random random, IReadOnlyList<PastCall> calls)
    {
        var to = calls[random.Next(calls.Count)].ReceivedAt;
        return new Filter($"received_to={Time(to)}", call => call.ReceivedAt < to);
    }

    private static bool IsTurnedRound(string query) =>
        query.Split('&') is [var from, var to] && from.StartsWith("received_from=", StringComparison.Ordinal) && to.StartsWith("received_to=", StringComparison.Ordinal)
        && string.CompareOrdinal(from.Split('=')[1], to.Split('=')[1]) > 0;

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Opens two blocks that touch and one further on, as meetings do that come late or change there, and takes away half of their meetings' facts.</summary>
    /// <returns>The meetings whose facts are not there until they are projected again.</returns>
    private async Task<List<string>> TakeFactsAwayAsync()
    {
        await archive.Receiver.QueryAsync("""
            UPDATE search_blocks SET segment_id = NULL, first_place = NULL, meetings = NULL, meeting_ids = NULL
            WHERE from_at IN (SELECT from_at FROM search_blocks WHERE segment_id IS NOT NULL ORDER BY from_at OFFSET 10 LIMIT 2)
                OR from_at = (SELECT from_at FROM search_blocks WHERE segment_id IS NOT NULL ORDER BY from_at OFFSET 20 LIMIT 1)
            """);
        var taken = await archive.Receiver.QueryAsync("""
            WITH taken AS (
                DELETE FROM facts f USING search_blocks b
                WHERE b.segment_id IS NULL AND b.to_at < 'infinity' AND f.received_at >= b.from_at AND f.received_at < b.to_at AND hashtext(f.meeting_id) % 2 = 0
                RETURNING f.workspace_id, f.meeting_id)
            INSERT INTO changes
            SELECT m.workspace_id, m.delivery_ids[m.revision], m.meeting_id, false FROM meetings m JOIN taken t ON t.workspace_id = m.workspace_id AND t.meeting_id = m.meeting_id
            RETURNING meeting_id
            """);
        return [.. taken.Select(row => (string)row[0]!)];
    }

    private async Task<List<string>> ExportAsync(string query)
    {
        var answer = await Service.GetAsync($"{Demo}/export?{query}");
        Assert.True(answer.Status == 200, answer.ToString());
        return [.. answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line).GetProperty("meeting_id").GetString()!)];
    }

    private async Task<List<string>> PagesAsync(string query, int pages, int limit = 200)
    {
        var ids = new List<string>();
        for (var cursor = ""; pages > 0; pages--)
        {
            var answer = await Service.GetAsync($"{Demo}/meetings?limit={limit}&{query}{cursor}");
            Assert.True(answer.Status == 200, $"{query}: {answer}");
            ids.AddRange(answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("meeting_id").GetString()!));
            if (answer.Json.GetProperty("next_cursor") is not { ValueKind: JsonValueKind.String } next)
                break;
            cursor = $"&cursor={next.GetString()}";
        }

        return ids;
    }

    private sealed record Filter(string Query, Func<PastCall, bool> IsWanted);
}
