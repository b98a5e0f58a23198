using CallbackReceiver.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>Reads bodies whole, within bounds of length, time and memory.</summary>
internal sealed class BodyReader : IDisposable
{
    /// <summary>How long bodies may still come after the service was told to stop: what is under way on a good line arrives.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>So much of a known sender's body has to come before it has room for all: who announces much and sends little holds little.</summary>
    private const int ProofBytes = 256 * 1024;

    /// <summary>What a body has before any of it has come.</summary>
    private const int ClaimedBytes = 16 * 1024;

    private readonly int maxBytes;
    private readonly TimeSpan timeout;
    private readonly BodyMemory memory;
    private readonly CancellationTokenSource stopped = new();
    private readonly CancellationTokenRegistration stopping;

    public BodyReader(IOptions<CallbackOptions> options, BodyMemory memory, IHostApplicationLifetime lifetime)
    {
        maxBytes = options.Value.MaxBodyBytes;
        timeout = options.Value.BodyTimeout;
        this.memory = memory;
        stopping = lifetime.ApplicationStopping.Register(() => stopped.CancelAfter(StopGrace));
    }

    /// <summary>Reads the whole body.</summary>
    /// <returns>Null where there is no memory for so large a body at the moment, or the service stops.</returns>
    /// <exception cref="BadHttpRequestException">The body is over the bound (413), came too slowly (408) or ended early (400).</exception>
    public async ValueTask<RequestBody?> ReadAsync(HttpRequest request)
    {
        var body = new RequestBody((int)Math.Min(request.ContentLength ?? ClaimedBytes, ClaimedBytes));
        try
        {
            if (await ReadAsync(request, body))
                return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    /// <summary>Reads the whole body as <see cref="ReadAsync(HttpRequest)"/> does, but keeps nothing of it.</summary>
    /// <returns>False where the service stops.</returns>
    /// <exception cref="BadHttpRequestException">As there.</exception>
    public ValueTask<bool> SkipAsync(HttpRequest request) => ReadAsync(request, null);

    /// <param name="request">The request.</param>
    /// <param name="body">What takes the bytes; null where they are not kept.</param>
    private async ValueTask<bool> ReadAsync(HttpRequest request, RequestBody? body)
    {
        SetServerLimit(request);
        if (request.ContentLength > maxBytes)
            throw TooLarge();

        BodyClock? clock = null;
        var length = 0L;
        try
        {
            while (true)
            {
                // Most bodies have arrived with their headers: those need no clock.
                if (!ClientBytes.TryRead(request, out var read))
                {
                    body?.Room?.WaitForSender();
                    read = await ClientBytes.ReadAsync(request, (clock ??= StartClock(request)).Token);
                }

                body?.Room?.Came(read.Buffer.Length);
                length += read.Buffer.Length;
                if (length > maxBytes)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End); // the server fails, and logs it as an error, where a read stays open
                    throw TooLarge();
                }

                if (body is not null && body.Lacks(read.Buffer.Length) && !await GrowAsync(body, (int)length, request, clock ??= StartClock(request)))
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End);
                    return false;
                }

                body?.Append(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return true;
            }
        }
        catch (OperationCanceledException) when (clock is { IsOver: true } && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return stopped.IsCancellationRequested ? false : throw TooSlow();
        }
        finally
        {
            body?.Room?.EndReading(); // before what would end it is gone
            clock?.Dispose();
        }
    }

    public void Dispose()
    {
        stopping.Dispose();
        stopped.Dispose();
    }

    /// <summary>
    /// Takes a larger buffer for what has come; beyond what is free, once there is memory for it. While the body waits for that, the
    /// clock stands. A known sender's body has room for its whole length early, so that no half-read bodies wait for each other.
    /// </summary>
    private async ValueTask<bool> GrowAsync(RequestBody body, int length, HttpRequest request, BodyClock clock)
    {
        if (length <= BodyMemory.FreeBytes)
        {
            body.Grow((int)Math.Min(request.ContentLength ?? 2 * length, BodyMemory.FreeBytes));
            return true;
        }

        body.Room ??= memory.Enter(ClientNetwork.Of(request.HttpContext.Connection.RemoteIpAddress), clock.Source);
        var larger = BodyMemory.LengthFor(length > ProofBytes && memory.Knows(body.Room.Network) ? (int)Math.Max(request.ContentLength ?? 0, length) : length);
        var growing = memory.GrowAsync(body.Room, larger, clock.Token);
        if (!growing.IsCompleted)
            clock.Stop();
        try
        {
            if (!await growing)
                return false;
        }
        catch (OperationCanceledException)
        {
            return false; // the sender is gone, or the service stops
        }

        clock.GoOn();
        body.Grow(larger);
        return true;
    }

    private BodyClock StartClock(HttpRequest request) => new(timeout, request.HttpContext.RequestAborted, stopped.Token);

    private static BadHttpRequestException TooSlow() => new("The body came too slowly.", StatusCodes.Status408RequestTimeout);

    private static BadHttpRequestException TooLarge() => new("The body is over the limit.", StatusCodes.Status413PayloadTooLarge);

    /// <summary>
    /// Kestrel's own limit counts the framing of chunks too, and would refuse a chunked body that is within ours. It still ends the reading
    /// of an endless one, which goes on for a while behind the answer.
    /// </summary>
    private void SetServerLimit(HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = request.ContentLength is null ? 2L * maxBytes : maxBytes;
    }
}
