using System.Globalization;
using System.Text;
using System.Text.Json;
using CallbackReceiver.Tests.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;
using CsvHelper;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What was answered 200 can be read by every route, and no answer is much longer than what was sent.</summary>
public sealed class ReadingProperties(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    /// <summary>Of an answer beside what was sent: names, ids, times.</summary>
    private const int Overhead = 4000;

    private const int Growth = 20;

    /// <summary>What JSON can hold and most does not: nested as deeply as the parser takes it, long numbers and names, many of one thing.</summary>
    private static readonly Gen<string> Extremes = Gen.OneOf(
        Gen.Int[50, 61].Select(depth => new string('[', depth) + new string(']', depth)),
        Gen.Int[50, 60].Select(depth => string.Concat(Enumerable.Repeat("{\"\":", depth)) + "NaN" + new string('}', depth)),
        Gen.Select(Gen.OneOf("1e4300", "1e308", "-1E-4300", "0e-4300", "1e99999", "NaN", "-Infinity", "1.00", "-0", "[]", "{}", "\"\""), Gen.Int[1, 2000])
            .Select((value, times) => $"[{string.Join(',', Enumerable.Repeat(value, times))}]"),
        Gen.Int[1, 9000].Select(digits => new string('7', digits)),
        Gen.Int[1, 9000].Select(length => $"{{\"{new string('n', length)}\": 1, \"\": 2, \"\": 3, \"items\": {{\"items\": null}}}}"),
        Gen.Int[1, 3000].Select(times => $"\"{string.Concat(Enumerable.Repeat("\\ud83d\\ude00\\u0001\\\"\\\\\\ud83d", times))}\""),
        Gen.Const("{\r\n\t\"a\" :\n[ 1 ,\r2 ]\n}"));

    private static readonly Gen<string> Values = Gen.OneOf(Extremes, RandomBodies.JsonTexts);

    private static readonly Gen<Sent> Bodies = Gen.Select(
        Values, Values, Values, RandomBodies.Strings, Gen.Bool, Gen.Int[0, 2],
        (item, metadata, inTranscript, text, payloadAsString, extreme) =>
        {
            var id = CallbackBuilder.NewMeetingId();
            var title = extreme == 1 ? string.Concat(Enumerable.Repeat(text, 200)) : text;
            return new Sent(id, new CallbackBuilder(id)
            {
                Title = title,
                RiskFactor = "risk " + id,
                Items = [new("item", new RawJson(item)), new("item", new RawJson(item)), new(text, new RawJson(metadata))],
                Metadata = [new("metadata", new RawJson(metadata))],
                Transcript = new RawJson($"[{{\"text\": \"found by {id}\", \"speaker\": {PythonJson.Dumps(text)}, \"more\": {(extreme == 2 ? item : inTranscript)}}}, {{}}]"),
                PayloadAsString = payloadAsString,
            }.Build());
        });

    [Fact]
    public async Task Whatever_is_stored_every_route_shows() => await Bodies.Array[12].SampleAsync(
        async bodies =>
        {
            var lastEventId = await receiver.ScalarAsync<long>("SELECT coalesce(max(last_event_id), 0) FROM feeds");
            foreach (var sent in bodies)
                await PostAsync(sent);
            await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>("SELECT count(*) FROM changes") == 0);
            foreach (var sent in bodies)
                await ReadAsync(sent);
            await HearAsync(bodies.Where(sent => sent.IsStored), lastEventId);
        },
        iter: 8,
        threads: 1);

    private async Task PostAsync(Sent sent)
    {
        var answer = await receiver.Service.PostAsync(Workspaces.Demo, sent.Body);
        Assert.True(answer.Status is 200 or 202, answer.ToString());
        sent.DeliveryId = answer.DeliveryId;
        sent.IsStored = answer.Outcome == "stored";
        Assert.True(sent.IsStored || answer.ToString().Contains("nested deeper", StringComparison.Ordinal), answer.ToString());
    }

    private async Task ReadAsync(Sent sent)
    {
        var meeting = $"{Demo}/meetings/{sent.MeetingId}";
        await GetAsync($"{Demo}/deliveries/{sent.DeliveryId}");
        Assert.Equal(sent.Body, (await GetAsync($"{Demo}/deliveries/{sent.DeliveryId}/body")).Bytes);
        if (!sent.IsStored)
            return;

        var one = Json(await GetAsync(meeting));
        Assert.False(one.TryGetProperty("omitted", out _));
        Assert.Equal(one.GetRawText(), Json(await GetAsync(meeting + "/revisions/1")).GetRawText());
        Assert.Equal(one.GetProperty("transcript").GetRawText(), Json(await GetAsync(meeting + "/transcript")).GetRawText());
        await GetAsync(meeting + "/transcript", "text/plain");
        await GetAsync(meeting + "/revisions");
        await GetAsync($"{Demo}/statistics?risk_factor=risk%20{sent.MeetingId}&interval=day");

        var query = $"risk_factor=risk%20{sent.MeetingId}";
        var listed = Assert.Single(Json(await GetAsync($"{Demo}/meetings?{query}")).GetProperty("items").EnumerateArray());
        Assert.Equal(one.GetProperty("items").GetRawText(), listed.GetProperty("items").GetRawText());
        Assert.Single(Json(await GetAsync($"{Demo}/meetings?q={sent.MeetingId}")).GetProperty("items").EnumerateArray());
        var line = Assert.Single((await GetAsync($"{Demo}/export?include=transcript&{query}")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(one.GetRawText(), Parse(line).GetRawText());
        using var csv = new CsvParser(new StringReader((await GetAsync($"{Demo}/export?format=csv&include=transcript&{query}")).Body), CultureInfo.InvariantCulture);
        Assert.True(csv.Read() && csv.Read());
        Assert.Contains(one.GetProperty("items").GetRawText(), csv.Record!);
        Assert.False(csv.Read());

        async Task<Answer> GetAsync(string path, string? accept = null)
        {
            var answer = await receiver.Service.GetAsync(path, accept: accept);
            Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Body[..Math.Min(answer.Body.Length, 300)]}");
            Assert.InRange(answer.Bytes.Length, 0, (Growth * sent.Body.Length) + Overhead);
            return answer;
        }
    }

    private async Task HearAsync(IEnumerable<Sent> bodies, long lastEventId)
    {
        await using var listener = await EventListener.StartAsync(receiver.Service.Address, lastEventId);
        foreach (var sent in bodies)
        {
            var (type, _, data) = await listener.ReadNewsAsync();
            Assert.Equal(("meeting", sent.MeetingId), (type, Parse(data).GetProperty("meeting_id").GetString()));
            Assert.InRange(Encoding.UTF8.GetByteCount(data), 0, (Growth * sent.Body.Length) + Overhead);
        }
    }

    /// <summary>Readers may bound the depth of JSON; this one does not.</summary>
    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
        return document.RootElement.Clone();
    }

    private static JsonElement Json(Answer answer) => Parse(Encoding.UTF8.GetString(answer.Bytes));

    private sealed record Sent(string MeetingId, byte[] Body)
    {
        public Guid DeliveryId { get; set; }

        public bool IsStored { get; set; }
    }
}
