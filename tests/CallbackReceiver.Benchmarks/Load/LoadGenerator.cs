namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// Sends callbacks over persistent connections, each waiting for its answer before it sends the next. It makes no use of HttpClient,
/// whose cost per request would be taken from the cores that are measured.
/// </summary>
internal sealed class LoadGenerator(LoadShape shape)
{
    private const int Templates = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long sent;

    public async Task<LoadResult> RunAsync(Target target)
    {
        var templates = Enumerable.Range(0, Templates).Select(seed => CallbackTemplate.Create(target.WorkspaceId, shape.BodyLength, seed)).ToList();
        var senders = Enumerable.Range(0, shape.Connections).Select(i => new Sender(new CallbackRequest(templates[i % Templates], target), target)).ToList();
        GC.Collect();

        using var patience = new CancellationTokenSource(shape.WarmUp + shape.Duration + Patience);
        var window = Window.After(shape.WarmUp, shape.Duration);
        await Task.WhenAll(senders.Select(sender => Task.Run(() => sender.RunAsync(NextNumber, window, patience.Token))));
        return LoadResult.Of([.. senders.Select(sender => sender.Tally)], sent, shape.Duration);
    }

    private long NextNumber() => Interlocked.Increment(ref sent) - 1;
}
