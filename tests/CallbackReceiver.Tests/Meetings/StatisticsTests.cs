using System.Globalization;
using System.Text.Json;
using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.Tests.Infrastructure;
using NodaTime;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>Counts per interval of any time zone. Each test counts a time of its own.</summary>
public sealed class StatisticsTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Statistics = "/api/v1/workspaces/demo/statistics";

    private static readonly string[] Ratings = ["customer_satisfaction_rating", "agent_performance_rating"];

    private static readonly string[] Decades =
    [
        "interval=week&received_from=1970-01-01T00:00:00Z&received_to=1989-01-01T00:00:00Z",
        "interval=month&received_from=1970-01-01T00:00:00Z&received_to=2050-01-01T00:00:00Z",
    ];

    private static int copies;

    private ReceiverProcess Service => receiver.Service;

    /// <param name="zone">The time zone.</param>
    /// <param name="days">A moment of the first day, and one of the last.</param>
    /// <param name="starts">When the days begin and the last one ends.</param>
    /// <param name="halfHours">How long the days are.</param>
    [Theory]
    [InlineData("America/New_York", "2024-03-09T12:00:00-05:00 2024-03-11T12:00:00-04:00",
        "2024-03-09T00:00:00-05:00 2024-03-10T00:00:00-05:00 2024-03-11T00:00:00-04:00 2024-03-12T00:00:00-04:00", "48 46 48")]
    [InlineData("America/New_York", "2024-11-02T12:00:00-04:00 2024-11-04T12:00:00-05:00",
        "2024-11-02T00:00:00-04:00 2024-11-03T00:00:00-04:00 2024-11-04T00:00:00-05:00 2024-11-05T00:00:00-05:00", "48 50 48")]
    [InlineData("Europe/Berlin", "2023-03-25T12:00:00+01:00 2023-03-27T12:00:00+02:00",
        "2023-03-25T00:00:00+01:00 2023-03-26T00:00:00+01:00 2023-03-27T00:00:00+02:00 2023-03-28T00:00:00+02:00", "48 46 48")]
    [InlineData("Europe/Berlin", "2023-10-28T12:00:00+02:00 2023-10-30T12:00:00+01:00",
        "2023-10-28T00:00:00+02:00 2023-10-29T00:00:00+02:00 2023-10-30T00:00:00+01:00 2023-10-31T00:00:00+01:00", "48 50 48")]
    [InlineData("America/Sao_Paulo", "2018-11-03T12:00:00-03:00 2018-11-05T12:00:00-02:00", // on the 4th there is no midnight
        "2018-11-03T00:00:00-03:00 2018-11-04T01:00:00-02:00 2018-11-05T00:00:00-02:00 2018-11-06T00:00:00-02:00", "48 46 48")]
    [InlineData("America/Sao_Paulo", "2018-02-16T12:00:00-02:00 2018-02-18T12:00:00-03:00",
        "2018-02-16T00:00:00-02:00 2018-02-17T00:00:00-02:00 2018-02-18T00:00:00-03:00 2018-02-19T00:00:00-03:00", "48 50 48")]
    [InlineData("Africa/Cairo", "2023-04-27T12:00:00+02:00 2023-04-29T12:00:00+03:00", // on the 28th there is no midnight
        "2023-04-27T00:00:00+02:00 2023-04-28T01:00:00+03:00 2023-04-29T00:00:00+03:00 2023-04-30T00:00:00+03:00", "48 46 48")]
    [InlineData("America/Havana", "2022-11-05T12:00:00-04:00 2022-11-07T12:00:00-05:00", // on the 6th there are two midnights
        "2022-11-05T00:00:00-04:00 2022-11-06T00:00:00-04:00 2022-11-07T00:00:00-05:00 2022-11-08T00:00:00-05:00", "48 50 48")]
    [InlineData("Australia/Lord_Howe", "2022-04-02T12:00:00+11:00 2022-04-04T12:00:00+10:30",
        "2022-04-02T00:00:00+11:00 2022-04-03T00:00:00+11:00 2022-04-04T00:00:00+10:30 2022-04-05T00:00:00+10:30", "48 49 48")]
    [InlineData("Pacific/Apia", "2011-12-29T12:00:00-10:00 2012-01-01T12:00:00+14:00", // there is no 30th
        "2011-12-29T00:00:00-10:00 2011-12-31T00:00:00+14:00 2012-01-01T00:00:00+14:00 2012-01-02T00:00:00+14:00", "48 48 48")]
    [InlineData("Asia/Taipei", "2021-01-01T00:00:00+08:00 2021-01-02T00:00:01+08:00",
        "2021-01-01T00:00:00+08:00 2021-01-02T00:00:00+08:00 2021-01-03T00:00:00+08:00", "48 48")]
    public async Task A_day_is_as_long_as_it_was_there(string zone, string days, string starts, string halfHours)
    {
        var expected = starts.Split(' ').Select(Moment).ToList();
        await AddEveryHalfHourAsync(expected[0].AddHours(-5), expected[^1].AddHours(5));

        var whole = await CountAsync($"time_zone={Uri.EscapeDataString(zone)}&received_from={Time(expected[0])}&received_to={Time(expected[^1])}");
        var within = await CountAsync($"time_zone={Uri.EscapeDataString(zone)}&received_from={Time(Moment(days.Split(' ')[0]))}&received_to={Time(Moment(days.Split(' ')[1]))}");

        Assert.Equal(zone, whole.GetProperty("time_zone").GetString());
        Assert.Equal(halfHours.Split(' ').Select(int.Parse), SeriesOf(whole).Select(MeetingsOf));
        Assert.Equal(starts.Split(' ').SkipLast(1), SeriesOf(whole).Select(interval => interval.GetProperty("from").GetString()!));
        Assert.Equal(starts.Split(' ').Skip(1), SeriesOf(whole).Select(interval => interval.GetProperty("to").GetString()!));
        Assert.Equal(SeriesOf(whole).Select(BoundsOf), SeriesOf(within).Select(BoundsOf));
        Assert.Equal(MeetingsOf(within), SeriesOf(within).Sum(MeetingsOf));
    }

    [Fact]
    public async Task Weeks_begin_on_Monday_and_those_without_meetings_are_there()
    {
        await AddAsync("2020-06-08T00:00:00+02:00", "2020-06-09T12:00:00+02:00", "2020-06-10T12:00:00+02:00", "2020-06-14T23:59:59.999999+02:00", "2020-06-29T00:00:00+02:00", "2020-06-30T10:00:00+02:00");

        var counted = await CountAsync("interval=week&time_zone=Europe/Berlin&received_from=2020-06-09T12:00:00%2B02:00&received_to=2020-06-30T10:00:00%2B02:00");

        Assert.Equal(
            [("2020-06-08T00:00:00+02:00", 3), ("2020-06-15T00:00:00+02:00", 0), ("2020-06-22T00:00:00+02:00", 0), ("2020-06-29T00:00:00+02:00", 1)],
            SeriesOf(counted).Select(interval => (interval.GetProperty("from").GetString()!, MeetingsOf(interval))));
        Assert.Equal("2020-07-06T00:00:00+02:00", SeriesOf(counted)[^1].GetProperty("to").GetString());
        Assert.Equal(4, MeetingsOf(counted));
        Assert.Equal(("week", "2020-06-09T10:00:00Z", "2020-06-30T08:00:00Z"),
            (counted.GetProperty("interval").GetString(), counted.GetProperty("received_from").GetString(), counted.GetProperty("received_to").GetString()));
    }

    [Fact]
    public async Task Months_are_as_long_as_they_are_and_one_without_meetings_has_every_count_as_zero()
    {
        await AddAsync("2020-01-31T23:59:59.999999+08:00", "2020-03-01T00:00:00+08:00", "2020-03-31T23:00:00+08:00");

        var counted = await CountAsync("interval=month&time_zone=Asia/Taipei&received_from=2020-01-15T00:00:00%2B08:00&received_to=2020-04-01T00:00:00%2B08:00");

        Assert.Equal([1, 0, 2], SeriesOf(counted).Select(MeetingsOf));
        JsonAssert.Equal(
            """
            {
              "from": "2020-02-01T00:00:00+08:00", "to": "2020-03-01T00:00:00+08:00", "meetings": 0,
              "customer_satisfaction_rating": {"A":0,"B":0,"C":0,"D":0,"E":0,"null":0},
              "agent_performance_rating": {"A":0,"B":0,"C":0,"D":0,"E":0,"null":0},
              "risk_factors": []
            }
            """,
            SeriesOf(counted)[1]);
    }

    [Fact]
    public async Task Both_ratings_are_counted_with_those_that_are_missing_in_all_and_per_interval()
    {
        await AddAsync(
            new { received_at = "2019-05-01T10:00:00Z", customer_satisfaction_rating = "A", agent_performance_rating = (string?)null },
            new { received_at = "2019-05-01T11:00:00Z", customer_satisfaction_rating = "A", agent_performance_rating = (string?)"E" },
            new { received_at = "2019-05-01T12:00:00Z", customer_satisfaction_rating = (string?)null, agent_performance_rating = (string?)"C" },
            new { received_at = "2019-05-02T12:00:00Z", customer_satisfaction_rating = (string?)null, agent_performance_rating = (string?)"C" });

        var counted = await CountAsync("received_from=2019-05-01T00:00:00Z&received_to=2019-05-03T00:00:00Z");

        AssertRatings(counted, """{"A":2,"B":0,"C":0,"D":0,"E":0,"null":2}""", """{"A":0,"B":0,"C":2,"D":0,"E":1,"null":1}""");
        AssertRatings(SeriesOf(counted)[0], """{"A":2,"B":0,"C":0,"D":0,"E":0,"null":1}""", """{"A":0,"B":0,"C":1,"D":0,"E":1,"null":1}""");
        AssertRatings(SeriesOf(counted)[1], """{"A":0,"B":0,"C":0,"D":0,"E":0,"null":1}""", """{"A":0,"B":0,"C":1,"D":0,"E":0,"null":0}""");
        Assert.Equal(["A", "B", "C", "D", "E", "null"], counted.GetProperty("customer_satisfaction_rating").EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task The_ten_most_frequent_risk_factors_are_listed_in_all_and_per_interval_and_equals_by_name()
    {
        // The name's number says how often it comes; those of 1 are many, and are cut in the order of their letters' codes.
        string[] names = ["客訴升級 4", "Churn 3", "個資疑慮 3", "z 1", "Z 1", "a 1", "B 1", "_ 1", "é 1", "1 1", "b 1", "c 1", "d 1"];
        await AddAsync([.. names.SelectMany(name => Enumerable.Range(0, name[^1] - '0').Select(n => (object)new
        {
            received_at = Moment("2019-06-01T10:00:00Z").AddDays(n),
            risk_factor = name,
        })), new { received_at = Moment("2019-06-01T10:00:00Z"), risk_factor = (string?)null }]);

        var counted = await CountAsync("received_from=2019-06-01T00:00:00Z&received_to=2019-06-06T00:00:00Z");

        Assert.Equal(
            [("客訴升級 4", 4), ("Churn 3", 3), ("個資疑慮 3", 3), ("1 1", 1), ("B 1", 1), ("Z 1", 1), ("_ 1", 1), ("a 1", 1), ("b 1", 1), ("c 1", 1)],
            CountsOf(counted));
        Assert.Equal(10, CountsOf(SeriesOf(counted)[0]).Count);
        Assert.Equal([("Churn 3", 1), ("個資疑慮 3", 1), ("客訴升級 4", 1)], CountsOf(SeriesOf(counted)[2]));
        Assert.Equal([("客訴升級 4", 1)], CountsOf(SeriesOf(counted)[3]));
        Assert.Empty(CountsOf(SeriesOf(counted)[4]));

        static List<(string, int)> CountsOf(JsonElement counts) =>
            [.. counts.GetProperty("risk_factors").EnumerateArray().Select(factor => (factor.GetProperty("risk_factor").GetString()!, MeetingsOf(factor)))];
    }

    [Fact]
    public async Task Speakers_are_listed_with_their_meetings_and_how_those_were_rated()
    {
        await AddAsync(
            [.. Enumerable.Range(0, 30).Select(n => (object)new
            {
                received_at = "2019-07-01T10:00:00Z",
                speakers = (string[])["客戶", .. n < 10 ? ["amy"] : Array.Empty<string>(), $"one of many {n:d2}"],
                customer_satisfaction_rating = n < 3 ? "E" : null,
                agent_performance_rating = "B",
            })]);

        var counted = await CountAsync("received_from=2019-07-01T00:00:00Z&received_to=2019-07-02T00:00:00Z");

        var speakers = counted.GetProperty("speakers").EnumerateArray().ToList();
        Assert.Equal(["客戶", "amy", .. Enumerable.Range(0, 18).Select(n => $"one of many {n:d2}")], speakers.Select(speaker => speaker.GetProperty("speaker").GetString()!));
        Assert.Equal([30, 10, .. Enumerable.Repeat(1, 18)], speakers.Select(MeetingsOf));
        AssertRatings(speakers[1], """{"A":0,"B":0,"C":0,"D":0,"E":3,"null":7}""", """{"A":0,"B":10,"C":0,"D":0,"E":0,"null":0}""");
    }

    [Fact]
    public async Task What_is_held_is_bounded_by_the_names_however_many_a_meeting_has()
    {
        var speakers = await receiver.ScalarAsync<byte[]>("SELECT array_send(ARRAY(SELECT 's' || n FROM generate_series(1, 40000) AS n))");
        var counts = new MeetingCounts([DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1)]);
        counts.Add(DateTime.UnixEpoch, null, null, null, await receiver.ScalarAsync<byte[]>("SELECT array_send(ARRAY[]::text[])"));
        Assert.False(counts.HasTooManyNames);
        counts.Add(DateTime.UnixEpoch, null, null, null, speakers);
        Assert.True(counts.HasTooManyNames);
    }

    [Fact]
    public async Task Names_that_are_too_many_to_be_held_are_counted_all_the_same()
    {
        var held = await CountNamesAsync("2016", "");
        var tooMany = await CountNamesAsync("2017", new string('x', 4000));

        Assert.Equal(held, tooMany);

        async Task<string> CountNamesAsync(string year, string end)
        {
            await AddAsync([.. Enumerable.Range(0, 1300).Select(n => (object)new
            {
                received_at = Moment($"{year}-07-0{1 + (n % 2)}T10:00:00Z"),
                risk_factor = n % 10 == 0 ? null : (n < 300 ? $"often {n % 3}" : $"once {n:d4}") + end,
                speakers = (string[])["客戶", (n < 200 ? "amy" : $"one of many {n:d4}") + end],
                customer_satisfaction_rating = n % 7 == 0 ? null : "ABCDE"[n % 5].ToString(),
                agent_performance_rating = n % 4 == 0 ? null : "EDCBA"[n % 5].ToString(),
            })]);
            var counted = await CountAsync($"received_from={year}-07-01T00:00:00Z&received_to={year}-07-03T00:00:00Z");
            Assert.Equal((1300, 20), (MeetingsOf(counted), counted.GetProperty("speakers").GetArrayLength()));
            return counted.ToString().Replace(end.Length == 0 ? year : end, "", StringComparison.Ordinal).Replace(year, "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Filters_hold_for_every_part()
    {
        await AddAsync(
            new { received_at = "2019-08-01T10:00:00Z", title = "wanted", customer_satisfaction_rating = "A", risk_factor = "Churn", speakers = (string[])["amy"] },
            new { received_at = "2019-08-02T10:00:00Z", title = "wanted", customer_satisfaction_rating = "B", risk_factor = "Other", speakers = (string[])["amy", "bob"] },
            new { received_at = "2019-08-02T11:00:00Z", title = "another", customer_satisfaction_rating = "A", risk_factor = "Churn", speakers = (string[])["bob"] },
            new { received_at = "2019-08-03T11:00:00Z", title = "wanted", customer_satisfaction_rating = "A", risk_factor = "Other", speakers = (string[])["bob"] });
        await MeetingCopies.UntilProjectedAsync(receiver);

        (string Filter, string Series)[] cases =
        [
            ("customer_satisfaction_rating=A", "1 1 1"),
            ("customer_satisfaction_rating=A&customer_satisfaction_rating=B", "1 2 1"),
            ("risk_factor=Churn", "1 1 0"),
            ("speaker=amy", "1 1 0"),
            ("q=WANTED", "1 1 1"),
            ("q=wanted&speaker=bob&customer_satisfaction_rating=A", "0 0 1"),
            ("agent_performance_rating=E", "0 0 0"),
        ];
        foreach (var (filter, series) in cases)
        {
            var counted = await CountAsync($"received_from=2019-08-01T00:00:00Z&received_to=2019-08-04T00:00:00Z&{filter}");

            var expected = series.Split(' ').Select(int.Parse).ToList();
            Assert.Equal(expected, SeriesOf(counted).Select(MeetingsOf));
            Assert.Equal(expected.Sum(), MeetingsOf(counted));
            foreach (var member in Ratings)
                Assert.Equal(expected.Sum(), counted.GetProperty(member).EnumerateObject().Sum(rating => rating.Value.GetInt32()));
            Assert.Equal(expected.Sum(), counted.GetProperty("risk_factors").EnumerateArray().Sum(MeetingsOf));
            Assert.Equal(expected.Sum() == 0, counted.GetProperty("speakers").GetArrayLength() == 0);
        }
    }

    [Fact]
    public async Task Unless_asked_for_otherwise_the_last_30_days_are_counted_by_days_of_UTC()
    {
        var now = DateTimeOffset.UtcNow;
        await AddAsync(
            new { received_at = now.AddDays(-31), risk_factor = "of the last days" },
            new { received_at = now.AddDays(-29), risk_factor = "of the last days" },
            new { received_at = now.AddMinutes(-1), risk_factor = "of the last days" });
        await MeetingCopies.UntilProjectedAsync(receiver);

        var counted = await CountAsync("risk_factor=of+the+last+days");

        var (from, to) = (counted.GetProperty("received_from").GetDateTimeOffset(), counted.GetProperty("received_to").GetDateTimeOffset());
        Assert.Equal(("day", "UTC", 2), (counted.GetProperty("interval").GetString(), counted.GetProperty("time_zone").GetString(), MeetingsOf(counted)));
        Assert.True(to >= now && to - from == TimeSpan.FromDays(30), $"{from} to {to}");
        Assert.Equal(new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero), SeriesOf(counted)[0].GetProperty("from").GetDateTimeOffset());
        Assert.True(SeriesOf(counted)[^1].GetProperty("to").GetDateTimeOffset() >= to);
    }

    [Fact]
    public async Task An_end_alone_means_the_30_days_before_it_and_a_beginning_alone_until_now()
    {
        var ended = await CountAsync("received_to=2019-01-31T00:00:00Z");
        Assert.Equal(("2019-01-01T00:00:00Z", 30), (ended.GetProperty("received_from").GetString(), SeriesOf(ended).Count));

        var yesterday = DateTimeOffset.UtcNow.AddDays(-1);
        var begun = await CountAsync($"received_from={Time(yesterday)}");
        Assert.True(begun.GetProperty("received_to").GetDateTimeOffset() >= yesterday.AddDays(1));

        Assert.Equal(0, MeetingsOf(await CountAsync("received_from=8999-01-01T00:00:00Z")));
    }

    [Theory]
    [InlineData("time_zone=Asia/Nowhere", "time_zone")]
    [InlineData("time_zone=asia/taipei", "time_zone")]
    [InlineData("time_zone=", "time_zone")]
    [InlineData("time_zone=%2B08:00", "time_zone")]
    [InlineData("time_zone=..%2F..%2Fetc%2Fpasswd", "time_zone")]
    [InlineData("time_zone=%00", "time_zone")]
    [InlineData("time_zone=UTC&time_zone=UTC", "time_zone")]
    [InlineData("interval=hour", "interval")]
    [InlineData("interval=DAY", "interval")]
    [InlineData("interval=", "interval")]
    [InlineData("interval=day&interval=day", "interval")]
    [InlineData("received_from=2019-01-01T00:00:00Z&received_to=2021-09-27T00:00:01Z", "interval")]
    [InlineData("received_from=0001-01-01T00:00:01Z&received_to=9999-12-31T23:59:59Z&interval=month", "interval")]
    [InlineData("received_from=2019-01-02T00:00:00Z&received_to=2019-01-01T00:00:00Z", "received_from")]
    [InlineData("received_from=2019-01-02", "received_from")]
    [InlineData("received_from=2019-01-02T00:00:00", "received_from")]
    [InlineData("received_to=2019-02-30T00:00:00Z", "received_to")]
    [InlineData("limit=5", "limit")]
    [InlineData("format=csv", "format")]
    public async Task A_wrong_parameter_answers_400_and_its_name(string query, string parameter)
    {
        var answer = await Service.GetAsync($"{Statistics}?{query}");

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal(parameter, Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("parameter").GetString());
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00%2B08:00")] // before it, and RFC 3339 has it as well
    public async Task The_first_moment_that_there_is_is_a_time_like_any_other(string time) =>
        Assert.Equal("1970-01-01T00:00:00Z", (await CountAsync($"received_from={time}&interval=month")).GetProperty("received_from").GetString());

    [Fact]
    public async Task A_thousand_intervals_are_counted() =>
        Assert.Equal(1000, SeriesOf(await CountAsync("received_from=2019-01-01T00:00:00Z&received_to=2021-09-27T00:00:00Z")).Count);

    [Fact]
    public async Task Every_time_zone_has_intervals_without_gap_or_overlap_whatever_its_clocks_did()
    {
        await Parallel.ForEachAsync(DateTimeZoneProviders.Tzdb.Ids, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (zone, _) =>
        {
            foreach (var time in Decades)
            {
                var series = SeriesOf(await CountAsync($"{time}&time_zone={Uri.EscapeDataString(zone)}")).Select(BoundsOf).ToList();

                Assert.All(series, interval => Assert.True(interval.From < interval.To));
                Assert.Equal(series.Skip(1).Select(interval => interval.From), series.SkipLast(1).Select(interval => interval.To));
            }
        });
    }

    private static void AssertRatings(JsonElement counts, string satisfaction, string performance)
    {
        JsonAssert.Equal(satisfaction, counts.GetProperty("customer_satisfaction_rating"));
        JsonAssert.Equal(performance, counts.GetProperty("agent_performance_rating"));
    }

    private static List<JsonElement> SeriesOf(JsonElement statistics) => [.. statistics.GetProperty("series").EnumerateArray()];

    private static int MeetingsOf(JsonElement counts) => counts.GetProperty("meetings").GetInt32();

    private static (DateTimeOffset From, DateTimeOffset To) BoundsOf(JsonElement interval) =>
        (interval.GetProperty("from").GetDateTimeOffset(), interval.GetProperty("to").GetDateTimeOffset());

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private async Task<JsonElement> CountAsync(string query)
    {
        var answer = await Service.GetAsync($"{Statistics}?{query}");
        Assert.True(answer.Status == 200, $"{query}: {answer}");
        return answer.Json;
    }

    private Task AddEveryHalfHourAsync(DateTimeOffset from, DateTimeOffset to)
    {
        var times = new List<string>();
        for (var time = from.AddMinutes(15); time < to; time = time.AddMinutes(30))
            times.Add(Time(time));
        return AddAsync([.. times]);
    }

    private Task AddAsync(params string[] times) => AddAsync([.. times.Select(time => (object)new { received_at = time })]);

    /// <summary>Adds meetings that have the given columns.</summary>
    private async Task AddAsync(params object[] meetings)
    {
        await Service.PostAsync(Workspaces.Demo, new CallbackBuilder("original").Build());
        await MeetingCopies.AddAsync(receiver, "original", meetings.Select(columns =>
        {
            var copy = JsonSerializer.SerializeToNode(columns)!.AsObject();
            copy["meeting_id"] = $"copy-{Interlocked.Increment(ref copies)}";
            return copy;
        }));
        await MeetingCopies.UntilProjectedAsync(receiver);
    }
}
