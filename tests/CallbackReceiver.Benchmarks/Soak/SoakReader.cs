using System.Diagnostics;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>A dashboard that asks all the while: lists, filters, searches, figures.</summary>
internal sealed class SoakReader(ReaderClient client, string workspaceId)
{
    private static readonly string[] Questions =
    [
        "meetings", "meetings?customer_satisfaction_rating=A&agent_performance_rating=E", "meetings?q=文件", "meetings?q=invoice", "statistics?interval=day", "meetings?sort=received_at",
    ];

    private readonly Lock gate = new();
    private LatencyHistogram latencies = new();

    /// <summary>How often what went wrong.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <returns>The latencies since the last call.</returns>
    public LatencyHistogram Take()
    {
        lock (gate)
            return Interlocked.Exchange(ref latencies, new LatencyHistogram());
    }

    /// <summary>Asks until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            await AskAsync(Questions[turn % Questions.Length], cancellationToken);
            await Task.Delay(SoakPlan.ReaderPause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(string question, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await client.GetAsync($"/{workspaceId}/{question}", cancellationToken);
            lock (gate)
                latencies.Add(Stopwatch.GetElapsedTime(started));
        }
        catch (HttpRequestException failure)
        {
            Failures[failure.Message] = Failures.GetValueOrDefault(failure.Message) + 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }
}
