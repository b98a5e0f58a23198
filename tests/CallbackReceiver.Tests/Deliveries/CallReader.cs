using System.Text;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;
using CallbackReceiver.Tests.Meetings;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>Reads all that a replica shows, by every route, and compares it with the model.</summary>
internal sealed class CallReader(string prefix)
{
    public const string LastMeeting = "-last";

    private const string Demo = CallReplicas.Demo;

    /// <summary>Waits until the replica shows what the model says; what is behind the commit, and removed by age, takes its time.</summary>
    public async Task AssertShownAsync(CallModel model, CallbackClient client, Uri address)
    {
        string? difference = null;
        try
        {
            await Eventually.HoldsAsync(async () => (difference = await FindDifferenceAsync(model, client, address)) is null);
        }
        catch (Exception) when (difference is not null && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"{difference}\n{string.Join('\n', model.Sent)}");
        }
    }

    private async Task<string?> FindDifferenceAsync(CallModel model, CallbackClient client, Uri address)
    {
        var meetings = model.Sent.GroupBy(sent => sent.MeetingId).ToList();
        foreach (var meeting in meetings)
        {
            if (await FindDifferenceAsync(meeting.Key, [.. meeting], client) is { } difference)
                return difference;
        }

        var routes = new List<(string Route, string Text)> { ("events", await ReadEventsAsync(client, address)) };
        foreach (var route in new[] { "meetings?limit=200", "statistics", "export?format=ndjson&include=transcript", "export?format=csv&include=transcript", "deliveries?limit=200" })
            routes.Add((route, await ReadAsync(client, route)));
        foreach (var sent in model.Sent)
            routes.Add(($"q={sent.Mark}", await ReadAsync(client, $"meetings?q={sent.Mark}")));
        foreach (var sent in model.Sent.Where(sent => sent.Fate == Fate.Gone))
        {
            if (routes.Find(route => !route.Route.StartsWith("q=", StringComparison.Ordinal) && route.Text.Contains(sent.Mark, StringComparison.Ordinal)) is { Route: { } telling })
                return $"{telling} still shows {sent}";
            if (JsonElement.Parse(routes.Find(route => route.Route == $"q={sent.Mark}").Text).GetProperty("items").GetArrayLength() > 0)
                return $"a search still finds {sent}";
        }

        foreach (var meeting in meetings.Where(meeting => meeting.Any(sent => sent is { IsAnalysis: true, Fate: Fate.Kept })))
        {
            var current = JsonElement.Parse(await ReadAsync(client, $"meetings/{meeting.Key}")).GetProperty("title").GetString()!;
            foreach (var (route, text) in routes.Where(route => route.Route.Split('?')[0] is "meetings" or "statistics" or "export" or "events" || route.Route == $"q={current}"))
            {
                if (!text.Contains(current, StringComparison.Ordinal))
                    return $"{route} does not show {current}";
            }
        }

        return null;
    }

    private async Task<string?> FindDifferenceAsync(string meetingId, List<SentBody> bodies, CallbackClient client)
    {
        var kept = bodies.FindAll(sent => sent is { IsAnalysis: true, Fate: Fate.Kept });
        var undecided = bodies.Count(sent => sent.Fate == Fate.TooOld);
        var one = await client.SendAsync(HttpMethod.Get, $"{Demo}/meetings/{meetingId}");
        if (one.Status != (kept.Count > 0 ? 200 : 404))
            return $"{meetingId} answers {one.Status}";
        var texts = new StringBuilder(one.Body);
        if (one.Status == 200)
        {
            texts.Append(await ReadAsync(client, $"meetings/{meetingId}/transcript"));
            var revisions = JsonElement.Parse(await ReadAsync(client, $"meetings/{meetingId}/revisions")).GetProperty("items").GetArrayLength();
            if (revisions < kept.Count || revisions > kept.Count + undecided)
                return $"{meetingId} has {revisions} revisions";
            for (var revision = 1; revision <= revisions; revision++)
                texts.Append(await ReadAsync(client, $"meetings/{meetingId}/revisions/{revision}"));
        }

        var shown = texts.ToString();
        var rows = JsonElement.Parse(await ReadAsync(client, $"deliveries?limit=200&meeting_id={meetingId}")).GetProperty("items").EnumerateArray()
            .Select(row => row.GetProperty("delivery_id").GetGuid()).ToList();
        if (!rows.Order().SequenceEqual(bodies.Select(sent => sent.DeliveryId).Order()))
            return $"{meetingId} has {rows.Count} deliveries";
        foreach (var sent in bodies.Where(sent => sent.Fate != Fate.TooOld))
        {
            var body = await client.SendAsync(HttpMethod.Get, $"{Demo}/deliveries/{sent.DeliveryId}/body");
            if (sent.Fate == Fate.Kept ? !body.Bytes.AsSpan().SequenceEqual(sent.Bytes) : body.Status != 404)
                return $"its bytes answer {body.Status}: {sent}";
            if (sent.IsAnalysis && shown.Contains(sent.Mark, StringComparison.Ordinal) != (sent.Fate == Fate.Kept))
                return $"its meeting shows or lacks {sent}";
        }

        return null;
    }

    /// <summary>From the first event on, as who comes for the first time, to that of a call which is received now.</summary>
    private async Task<string> ReadEventsAsync(CallbackClient client, Uri address)
    {
        var text = new StringBuilder();
        await using var listener = await EventListener.StartAsync(address, lastEventId: 0);
        var last = (await client.PostAsync(Workspaces.Demo, new CallbackBuilder(prefix + LastMeeting) { Summary = Guid.NewGuid().ToString() }.Build(), Keys.Demo)).DeliveryId;
        while (!text.ToString().Contains(last.ToString(), StringComparison.Ordinal))
            text.Append((await listener.ReadNewsAsync()).Data);
        return text.ToString();
    }

    private async Task<string> ReadAsync(CallbackClient client, string path)
    {
        var answer = await client.SendAsync(HttpMethod.Get, $"{Demo}/{path}");
        Assert.True(answer.Status == 200, $"{prefix}, {path}: {answer}");
        return answer.Body;
    }
}
