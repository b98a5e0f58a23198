using System.Diagnostics;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// Sends callbacks over persistent connections, each waiting for its answer before it sends the next. It makes no use of HttpClient,
/// whose cost per request would be taken from the cores that are measured.
/// </summary>
/// <param name="shape">How much is sent.</param>
/// <param name="firstNumber">The number of the first callback, where others were sent before.</param>
internal sealed class LoadGenerator(LoadShape shape, long firstNumber = 0)
{
    private const int Templates = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long next = firstNumber;

    public async Task<LoadResult> RunAsync(Target target)
    {
        var templates = Enumerable.Range(0, Templates).Select(seed => CallbackTemplate.Create(target.WorkspaceId, shape.BodyLength, seed)).ToList();
        var senders = Enumerable.Range(0, shape.Connections).Select(i => new Sender(new CallbackRequest(templates[i % Templates], target), target)).ToList();
        GC.Collect();

        using var patience = new CancellationTokenSource(shape.WarmUp + shape.Duration + Patience);
        var window = Window.After(shape.WarmUp, shape.Duration);
        var pace = shape.PerSecond is { } perSecond ? new Pace(Stopwatch.GetTimestamp(), next, perSecond) : null;
        await Task.WhenAll(senders.Select(sender => Task.Run(() => sender.RunAsync(NextNumber, pace, window, patience.Token))));
        return LoadResult.Of([.. senders.Select(sender => sender.Tally)], next, shape.Duration);
    }

    private long NextNumber() => Interlocked.Increment(ref next) - 1;
}
