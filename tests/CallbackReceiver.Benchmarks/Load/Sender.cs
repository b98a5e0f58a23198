using System.Diagnostics;
using System.Net.Sockets;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>One connection: sends a callback, waits for its answer, sends the next.</summary>
internal sealed class Sender(CallbackRequest request, Target target)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Answer answer = new();

    public SenderTally Tally { get; } = new();

    /// <param name="nextNumber">Gives each callback of the run a number of its own.</param>
    /// <param name="pace">When each is due; null for as soon as the one before is answered.</param>
    /// <param name="window">When to count, and when to stop.</param>
    /// <param name="cancellationToken">Gives up on answers that do not come.</param>
    public async Task RunAsync(Func<long> nextNumber, Pace? pace, Window window, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetTimestamp() < window.End)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(target.Address, cancellationToken);
                await SendAsync(socket, nextNumber, pace, window, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                Tally.Fail(failure.Message);
                await Task.Delay(PauseAfterFailure, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Tally.Fail("no answer in time");
                return;
            }
        }
    }

    private async Task SendAsync(Socket socket, Func<long> nextNumber, Pace? pace, Window window, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetTimestamp() < window.End)
        {
            var number = nextNumber();
            var unsent = request.Prepare(number);
            var started = pace is null ? Stopwatch.GetTimestamp() : await pace.WaitAsync(number, cancellationToken);
            while (!unsent.IsEmpty)
                unsent = unsent[await socket.SendAsync(unsent, cancellationToken)..];
            answer.Reset();
            while (!answer.IsComplete)
                answer.Take(await socket.ReceiveAsync(answer.Free, cancellationToken));
            var finished = Stopwatch.GetTimestamp();

            if (answer.IsStored)
                Tally.Succeed(number, window.Contains(finished) ? Stopwatch.GetElapsedTime(started, finished) : null);
            else if (answer.IsSpooled)
                Tally.Spooled.Add(number);
            else
                Tally.Fail($"status {answer.Status}, not stored");
        }
    }
}
