using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Sends each call once, over persistent connections, and notes when it was answered.</summary>
internal sealed class CallSender
{
    private readonly Target target;
    private readonly byte[][] requests;
    private readonly long[] answeredAt;
    private int next = -1;
    private int spooled;

    /// <param name="bodies">The calls; their requests are made and signed here, before anything is measured.</param>
    /// <param name="target">Where they are sent.</param>
    public CallSender(IReadOnlyList<byte[]> bodies, Target target)
    {
        this.target = target;
        requests = [.. bodies.AsParallel().AsOrdered().Select(RequestOf)];
        answeredAt = new long[bodies.Count];
    }

    /// <summary>How many were answered 202: they were in the spool, and not yet in the tables.</summary>
    public int Spooled => spooled;

    /// <returns>When the call was answered, as a timestamp; null as long as it was not.</returns>
    public long? AnsweredAt(long number) => number < answeredAt.Length && Volatile.Read(ref answeredAt[number]) is not 0 and var at ? at : null;

    /// <param name="perSecond">How many a second; null for as many as are answered.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="InvalidOperationException">A call was not accepted.</exception>
    public async Task RunAsync(double? perSecond, CancellationToken cancellationToken)
    {
        var pace = perSecond is { } rate ? new Pace(Stopwatch.GetTimestamp(), 0, rate) : null;
        await Task.WhenAll(Enumerable.Range(0, EndToEndPlan.Connections).Select(_ => Task.Run(() => SendAsync(pace, cancellationToken), cancellationToken)));
    }

    private async Task SendAsync(Pace? pace, CancellationToken cancellationToken)
    {
        var answer = new Answer();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target.Address, cancellationToken);
        for (var number = Interlocked.Increment(ref next); number < requests.Length; number = Interlocked.Increment(ref next))
        {
            if (pace is not null)
                await pace.WaitAsync(number, cancellationToken);
            for (var unsent = requests[number].AsMemory(); !unsent.IsEmpty;)
                unsent = unsent[await socket.SendAsync(unsent, cancellationToken)..];
            answer.Reset();
            while (!answer.IsComplete)
                answer.Take(await socket.ReceiveAsync(answer.Free, cancellationToken));
            if (answer.IsSpooled)
                Interlocked.Increment(ref spooled);
            else if (!answer.IsStored)
                throw new InvalidOperationException($"A callback was answered {answer.Status}, and not as stored: send fewer a second.");
            Volatile.Write(ref answeredAt[number], Stopwatch.GetTimestamp());
        }
    }

    private byte[] RequestOf(byte[] body) =>
    [
        .. Encoding.ASCII.GetBytes($"POST /callbacks/{target.WorkspaceId} HTTP/1.1\r\nHost: {target.Address}\r\n{Signature.HeaderName}: {target.Sign(body)}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];
}
