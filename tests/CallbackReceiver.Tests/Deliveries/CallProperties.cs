using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Deliveries;

/// <summary>
/// Whatever order calls are received, spooled, stored, analysed again, replayed, erased and aged in, on two replicas: nothing that was
/// acknowledged is lost before its time, nothing that is erased can be read by any route, and what comes twice is there once.
/// </summary>
[Trait("Category", "Storage")]
public sealed class CallProperties(PostgresServer server) : IAsyncLifetime
{
    private const int Sequences = 12;
    private const string Demo = CallReplicas.Demo;

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (6, Gen.Const(Act.Receive)), (2, Gen.Const(Act.ReceiveUnfit)), (2, Gen.Const(Act.ReceiveAgain)), (3, Gen.Const(Act.Cut)), (2, Gen.Const(Act.Mend)),
        (4, Gen.Const(Act.Erase)), (1, Gen.Const(Act.Age)), (1, Gen.Const(Act.Replay)));

    private static readonly Gen<Step[]> Steps = Gen.Select(Acts, Gen.Int[0, 1], Gen.Int[0, 1], (act, replica, meeting) => new Step(act, replica, meeting)).Array[3, 14];

    private static int run;

    private readonly TestDatabase database = new(server);
    private CallReplicas replicas = null!;

    public async ValueTask InitializeAsync()
    {
        await database.InitializeAsync();
        replicas = await CallReplicas.StartAsync(database.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await replicas.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Any_sequence_keeps_what_was_acknowledged_and_shows_nothing_that_is_erased() =>
        await Steps.SampleAsync(RunAsync, iter: Sequences, threads: 1, print: steps => string.Join("; ", steps.Select(step => $"{step.Act} {step.Replica} {step.Meeting}")));

    /// <summary>Sequences in which one way or another once went wrong, or plainly could.</summary>
    [Theory]
    [InlineData("Receive 0 0; Cut 1 0; Receive 1 0; Erase 0 0; Mend 1 0; ReceiveAgain 0 0")]
    [InlineData("Receive 0 0; Erase 1 0; Receive 1 0; Receive 0 0")]
    [InlineData("Cut 1 0; Receive 1 0; Receive 0 0; Age 0 0; Receive 0 0; Mend 1 0")]
    [InlineData("Receive 0 0; Cut 1 0; Age 0 0; Receive 1 0; Mend 1 0; Replay 0 0")]
    [InlineData("ReceiveUnfit 0 0; Receive 0 1; Erase 0 0; Replay 1 0; Erase 1 1")]
    [InlineData("Cut 0 0; Receive 0 0; Cut 1 0; Receive 1 0; Mend 0 0; Erase 0 0; Mend 1 0")]
    public Task This_sequence_as_well(string steps) => RunAsync(
        [.. steps.Split("; ").Select(step => step.Split(' ')).Select(parts => new Step(Enum.Parse<Act>(parts[0]), int.Parse(parts[1], null), int.Parse(parts[2], null)))]);

    private async Task RunAsync(Step[] steps)
    {
        var prefix = $"run{Interlocked.Increment(ref run)}";
        await MendAllAsync(); // a sequence that failed may have left a replica cut
        var model = new CallModel();
        try
        {
            foreach (var step in steps)
                await DoAsync(model, step, $"{prefix}-meeting-{step.Meeting}");
            await MendAllAsync();
            foreach (var sent in model.Sent)
                await UntilInLedgerAsync(sent);
            model.Conclude();
            foreach (var (client, address) in replicas.Clients.Zip(replicas.Addresses))
                await new CallReader(prefix).AssertShownAsync(model, client, address);
        }
        finally
        {
            // The next sequence has the workspace to itself.
            await MendAllAsync();
            foreach (var meeting in model.Sent.Select(sent => sent.MeetingId).Append(prefix + CallReader.LastMeeting).Distinct())
                await replicas.AnyClient().SendAsync(HttpMethod.Delete, $"{Demo}/meetings/{meeting}");
        }
    }

    private async Task MendAllAsync()
    {
        await replicas.MendAsync(0);
        await replicas.MendAsync(1);
    }

    private Task UntilInLedgerAsync(SentBody sent) => Eventually.HoldsAsync(
        async () => (await replicas.AnyClient().SendAsync(HttpMethod.Get, $"{Demo}/deliveries/{sent.DeliveryId}")).Status == 200, $"the ledger has {sent}");

    private Task DoAsync(CallModel model, Step step, string meetingId)
    {
        var isReachable = !replicas.IsCut(step.Replica);
        return step.Act switch
        {
            Act.Receive => ReceiveAsync(model, step.Replica, meetingId, isAnalysis: true),
            Act.ReceiveUnfit => ReceiveAsync(model, step.Replica, meetingId, isAnalysis: false),
            Act.ReceiveAgain when isReachable && model.OfMeeting(meetingId) is [.., var last] => ReceiveAgainAsync(step.Replica, last),
            Act.Cut => Task.Run(() => replicas.Cut(step.Replica), TestContext.Current.CancellationToken),
            Act.Mend => replicas.MendAsync(step.Replica),
            Act.Erase => EraseAsync(model, step.Replica, meetingId),
            Act.Age when !replicas.AreAllCut => AgeAsync(model),
            Act.Replay when isReachable => ReplayAsync(model, step.Replica),
            _ => Task.CompletedTask,
        };
    }

    private async Task ReceiveAsync(CallModel model, int replica, string meetingId, bool isAnalysis)
    {
        var mark = $"zq{Guid.NewGuid():N}";
        var body = new CallbackBuilder(meetingId)
        {
            Title = mark,
            RiskFactor = mark,
            CustomerSatisfactionRating = isAnalysis ? "A" : mark,
            Transcript = new object[] { CallbackBuilder.Segment(mark, mark) },
            Items = [new("item", mark)],
        }.Build();
        var answer = await replicas.PostAsync(replica, body);
        Assert.Equal(replicas.IsCut(replica) ? "spooled" : isAnalysis ? "stored" : "quarantined", answer.Outcome);
        model.Sent.Add(new SentBody(meetingId, mark, body, isAnalysis) { DeliveryId = answer.DeliveryId, IsStored = !replicas.IsCut(replica) });
    }

    private async Task ReceiveAgainAsync(int replica, SentBody sent)
    {
        var answer = await replicas.PostAsync(replica, sent.Bytes);
        if (sent.IsStored)
            Assert.Equal(("duplicate", sent.DeliveryId), (answer.Outcome, answer.DeliveryId));
        if (answer.Outcome == "duplicate")
            return;

        // PostgreSQL had not got it from the spool yet. What the spool has is the duplicate now, and this is received anew.
        (sent.DeliveryId, sent.IsStored, sent.Fate) = (answer.DeliveryId, true, Fate.Kept);
    }

    private async Task EraseAsync(CallModel model, int replica, string meetingId)
    {
        var answer = await replicas.ClientOf(replica).SendAsync(HttpMethod.Delete, $"{Demo}/meetings/{meetingId}");
        Assert.True(replicas.IsCut(replica) ? answer.Status == 503 : answer.Status is 204 or 404, answer.ToString());
        if (answer.Status == 204)
            model.Erase(meetingId);
        if (answer.Status == 404)
            Assert.DoesNotContain(model.OfMeeting(meetingId), sent => sent is { IsStored: true, Fate: Fate.Kept });
    }

    private async Task AgeAsync(CallModel model)
    {
        replicas.Age();
        model.Age();
        foreach (var sent in model.Sent.Where(sent => sent is { IsStored: true, Fate: Fate.Gone }))
        {
            await Eventually.HoldsAsync(
                async () => (await replicas.AnyClient().SendAsync(HttpMethod.Get, $"{Demo}/deliveries/{sent.DeliveryId}/body")).Status == 404, $"it is removed by age: {sent}");
            await Eventually.HoldsAsync(
                async () => (await replicas.AnyClient().SendAsync(HttpMethod.Get, $"{Demo}/meetings/{sent.MeetingId}")).Status == 404, $"its meeting is removed by age: {sent}");
        }
    }

    private async Task ReplayAsync(CallModel model, int replica)
    {
        var client = replicas.ClientOf(replica);
        foreach (var sent in model.Sent.Where(sent => sent.IsStored).ToList())
        {
            var answer = await client.SendAsync(HttpMethod.Post, $"{Demo}/deliveries/{sent.DeliveryId}/replay");
            Assert.Equal(sent.Fate == Fate.Gone ? (404, null) : sent.IsAnalysis ? (200, "duplicate") : (202, "quarantined"), (answer.Status, answer.Outcome));
        }

        Assert.Equal(JsonValueKind.Null, (await client.SendAsync(HttpMethod.Post, $"{Demo}/deliveries/replay?limit=200")).Json.GetProperty("next_cursor").ValueKind);
    }
}
