using System.Diagnostics;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Listens to the events of the workspace, and notes how long after its answer each call is told.</summary>
internal sealed class EventCount(ReaderClient client, CallSender sender)
{
    private const string Data = "data: ";
    private const string IdMember = "\"meeting_id\"";

    private long told;

    /// <summary>How many of the calls were told.</summary>
    public long Told => Interlocked.Read(ref told);

    /// <summary>From the answer to a call until it was told.</summary>
    public LatencyHistogram Delays { get; } = new();

    /// <param name="listening">Is set once what is committed from then on is heard.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    public async Task RunAsync(TaskCompletionSource listening, CancellationToken cancellationToken)
    {
        using var answer = await client.StreamAsync($"/{VariantProcess.WorkspaceId}/events", cancellationToken);
        listening.SetResult();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        try
        {
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith(Data, StringComparison.Ordinal) && NumberOf(line) is { } number)
                    Count(number);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
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
        Delays.Add(sender.AnsweredAt(number) is { } answered ? Stopwatch.GetElapsedTime(answered) : TimeSpan.Zero);
        Interlocked.Increment(ref told);
    }
}
