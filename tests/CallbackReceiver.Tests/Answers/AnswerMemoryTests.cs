using CallbackReceiver.Answers;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Tests.Answers;

/// <summary>The memory for answers: bounded for each reader and in all, waited for, and refused in the end.</summary>
public sealed class AnswerMemoryTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public void A_reader_gets_half_and_all_together_get_all()
    {
        using var memory = NewMemory();
        using var ofA = memory.RoomOf("a");
        using var alsoOfA = memory.RoomOf("a");
        using var ofB = memory.RoomOf("b");
        using var ofC = memory.RoomOf("c");

        Assert.True(ofA.TryGrow(Megabyte));
        Assert.True(ofA.TryGrow(2 * Megabyte));
        Assert.True(ofA.TryGrow(2 * Megabyte), "it has that much");
        Assert.False(alsoOfA.TryGrow(Megabyte), "its reader has its half");
        Assert.True(ofB.TryGrow(100L * Megabyte), "more than half is not to be had, and not needed");
        Assert.False(ofC.TryGrow(Megabyte), "all is taken");
        Assert.True(ofC.TryGrow(AnswerMemory.FreeBytes), "little is free");
        ofA.Dispose();
        Assert.True(ofC.TryGrow(Megabyte));
    }

    [Fact]
    public async Task Who_waits_gives_back_what_it_has_and_gets_what_becomes_free()
    {
        using var memory = NewMemory();
        using var first = memory.RoomOf("a");
        using var second = memory.RoomOf("a");
        Assert.True(first.TryGrow(Megabyte));
        Assert.True(second.TryGrow(Megabyte));

        var waiting = first.WaitAsync(2 * Megabyte, TestContext.Current.CancellationToken);

        Assert.False(waiting.IsCompleted);
        second.Dispose();
        await waiting;
        Assert.False(second.TryGrow(Megabyte));
    }

    [Fact]
    public async Task Large_answer_that_finds_no_memory_in_time_is_503_and_the_next_one_is_answered()
    {
        await using var host = await ReceiverHost.StartAsync(receiver.Database.ConnectionString, new ReceiverSettings { Time = new NoPatience() });
        var id = CallbackBuilder.NewMeetingId();
        await host.Client.PostAsync(Workspaces.Demo, (new CallbackBuilder(id) with { Summary = new string('s', Megabyte) }).Build(), Keys.Demo);
        await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder("short").Build(), Keys.Demo);
        var memory = host.Services.GetRequiredService<AnswerMemory>();
        using var ofOthers = memory.RoomOf("one");
        using var ofMore = memory.RoomOf("two");
        Assert.True(ofOthers.TryGrow(int.MaxValue) && ofMore.TryGrow(int.MaxValue));

        foreach (var path in new[] { "meetings", $"meetings/{id}", $"meetings/{id}/transcript", $"meetings/{id}/revisions/1" })
        {
            var answer = await host.Client.SendAsync(HttpMethod.Get, $"/api/v1/workspaces/demo/{path}");
            Assert.Equal((503, "urn:callback-receiver:problem:too-many-large-answers", "5"), (answer.Status, answer["type"], answer.Headers["Retry-After"]));
        }

        Assert.Equal(200, (await host.Client.SendAsync(HttpMethod.Get, "/api/v1/workspaces/demo/meetings/short")).Status);
        ofOthers.Dispose();
        Assert.Equal(200, (await host.Client.SendAsync(HttpMethod.Get, $"/api/v1/workspaces/demo/meetings/{id}")).Status);
    }

    private static AnswerMemory NewMemory() => new(Options.Create(new AnswerMemoryOptions { MemoryBytes = 16 * Megabyte }), new EndlessPatience());

    /// <summary>The time in which what is waited for half a minute is given up at once; what is waited for less long is waited for.</summary>
    private sealed class NoPatience : TimeProvider
    {
        private readonly EndlessPatience patience = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => dueTime == TimeSpan.FromSeconds(20)
            ? base.CreateTimer(callback, state, TimeSpan.Zero, period)
            : patience.CreateTimer(callback, state, dueTime, period);
    }
}
