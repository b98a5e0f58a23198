using System.Diagnostics;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Listens to the events of the workspace, and notes how long after its answer each call is told.</summary>
internal sealed class EventCount(ReaderClient client, CallSender sender)
{
    private const string Data = "data: ";
    private const string Id = "id: ";
    private const string IdMember = "\"meeting_id\"";

    private readonly HashSet<long> numbers = [];
    private string? lastId;
    private long told;
    private long repeated;

    /// <summary>How many of the calls were told.</summary>
    public long Told => Interlocked.Read(ref told);

    /// <summary>How many events told of a call that had been told before.</summary>
    public long Repeated => Interlocked.Read(ref repeated);

    /// <summary>From the answer to a call until it was told.</summary>
    public LatencyHistogram Delays { get; } = new();

    /// <summary>Listens until it is ended. A stream ends after a quarter of an hour: then it goes on behind the last event, as a browser does.</summary>
    /// <param name="listening">Is set once what is committed from then on is heard.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    public async Task RunAsync(TaskCompletionSource listening, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var answer = await client.StreamAsync($"/{VariantProcess.WorkspaceId}/events{(lastId is null ? "" : $"?last_event_id={lastId}")}", cancellationToken);
                listening.TrySetResult();
                await ReadAsync(answer, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
        catch (Exception failure)
        {
            listening.TrySetException(failure);
            throw;
        }
    }

    private async Task ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Data, StringComparison.Ordinal) && NumberOf(line) is { } number)
                Count(number);
            else if (line.StartsWith(Id, StringComparison.Ordinal))
                lastId = line[Id.Length..];
        }
    }

    private static long? NumberOf(string line)
    {
        var member = line.IndexOf(IdMember, StringComparison.Ordinal);
        if (member < 0)
            return null;
        var start = line.IndexOf('"', member + IdMember.Length) + 1; // of the value, which may follow a space
        var end = line.IndexOf('"', start);
        return start == 0 || end < 0 ? null : CallbackNumber.Read(line[start..end]);
    }

    /// <summary>One whose answer has not been read yet was told at once.</summary>
    private void Count(long number)
    {
        if (!numbers.Add(number))
        {
            Interlocked.Increment(ref repeated);
            return;
        }

        Delays.Add(sender.AnsweredAt(number) is { } answered ? Stopwatch.GetElapsedTime(answered) : TimeSpan.Zero);
        Interlocked.Increment(ref told);
    }
}
