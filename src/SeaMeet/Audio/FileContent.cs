using System.Net;

namespace SeaMeet;

/// <summary>
/// A file as the body of a request, read from disk as it is sent. It can be sent again: each time it is opened anew. It has a length, as
/// S3 wants it, and no content type, which could contradict what the URL was signed for.
/// </summary>
internal sealed class FileContent(string path, long length, IProgress<UploadProgress>? progress) : HttpContent
{
    private const int BufferLength = 128 * 1024;

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var file = AudioFile.Open(path);
        if (file.Length != length)
            throw Changed();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            progress?.Report(new UploadProgress(0, length));
            for (long sent = 0; sent < length;)
            {
                var read = await file.ReadAsync(buffer, cancellationToken);
                if (read == 0 || sent + read > length)
                    throw Changed();
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                sent += read;
                progress?.Report(new UploadProgress(sent, length));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private AudioException Changed() => new(AudioProblem.Changed, $"'{path}' changed while it was uploaded.");
}
