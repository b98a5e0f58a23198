using Microsoft.AspNetCore.Http.Features;

namespace CallbackReceiver.Answers;

/// <summary>
/// Answers HEAD as GET is answered, without the body. A route that streams is stopped as if the reader had gone away, since nobody would
/// ever see the rest.
/// </summary>
internal sealed class HeadAnswers(RequestDelegate next)
{
    public static void AllowOn(IEndpointConventionBuilder routes) => routes.Finally(route =>
    {
        if (route.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods is [var only] && HttpMethods.IsGet(only))
            route.Metadata.Add(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
    });

    public Task InvokeAsync(HttpContext context) => HttpMethods.IsHead(context.Request.Method) ? AnswerAsync(context) : next(context);

    private async Task AnswerAsync(HttpContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var (reader, body) = (context.RequestAborted, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.RequestAborted = stop.Token;
        context.Features.Set<IHttpResponseBodyFeature>(new Discarded(body, stop));
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !reader.IsCancellationRequested)
        {
            // The headers are all there.
        }
        finally
        {
            context.RequestAborted = reader;
            context.Features.Set(body);
        }
    }

    /// <summary>A body that nobody sees. Whoever wants it sent unbuffered, or writes much, would go on for long.</summary>
    private sealed class Discarded(IHttpResponseBodyFeature body, CancellationTokenSource stop) : StreamResponseBodyFeature(new Sink(stop), body)
    {
        public override void DisableBuffering() => stop.Cancel();
    }

    private sealed class Sink(CancellationTokenSource stop) : Stream
    {
        private const int Much = 64 * 1024;

        private long written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            written += buffer.Length;
            if (written > Much)
                stop.Cancel();

            // A writer that does not look at the request's token is stopped as well.
            stop.Token.ThrowIfCancellationRequested();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
