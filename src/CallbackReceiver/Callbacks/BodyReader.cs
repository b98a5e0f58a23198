using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Callbacks;

/// <summary>Reads bodies whole, within bounds of length, time and memory.</summary>
internal sealed class BodyReader : IDisposable
{
    /// <summary>How long bodies may still come after the service was told to stop: what is under way on a good line arrives.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

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
        SetServerLimit(request);
        if (request.ContentLength > maxBytes)
            throw TooLarge();

        CancellationTokenSource? deadline = null;
        var body = new RequestBody((int)Math.Min(request.ContentLength ?? BodyMemory.FreeBytes, BodyMemory.FreeBytes));
        try
        {
            while (true)
            {
                // Most bodies have arrived with their headers: those need no clock.
                var read = await ClientBytes.ReadAsync(request, () => (deadline ??= StartClock(request)).Token);
                if (body.Length + read.Buffer.Length > maxBytes)
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End); // the server fails, and logs it as an error, where a read stays open
                    throw TooLarge();
                }

                if (body.Lacks(read.Buffer.Length) && !await GrowAsync(body, request, deadline ??= StartClock(request)))
                {
                    request.BodyReader.AdvanceTo(read.Buffer.End);
                    body.Dispose();
                    return null;
                }

                body.Append(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return body;
            }
        }
        catch (OperationCanceledException) when (deadline is { IsCancellationRequested: true } && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            body.Dispose();
            return stopped.IsCancellationRequested ? null : throw new BadHttpRequestException("The body came too slowly.", StatusCodes.Status408RequestTimeout);
        }
        catch
        {
            body.Dispose();
            throw;
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    public void Dispose()
    {
        stopping.Dispose();
        stopped.Dispose();
    }

    /// <summary>
    /// Reserves what the body needs at most, all at once: half-read bodies that wait for each other's memory would wait for ever. And only
    /// when more has come than needs no reservation, so that a length which is only claimed takes nothing. While it waits, the clock stands.
    /// </summary>
    private async ValueTask<bool> GrowAsync(RequestBody body, HttpRequest request, CancellationTokenSource deadline)
    {
        deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        try
        {
            if (await memory.RentAsync((int)(request.ContentLength ?? maxBytes), deadline.Token) is not { } larger)
                return false;
            body.Grow(larger);
            deadline.CancelAfter(timeout);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false; // the sender is gone, or the service stops
        }
    }

    private CancellationTokenSource StartClock(HttpRequest request)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted, stopped.Token);
        deadline.CancelAfter(timeout);
        return deadline;
    }

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
