using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using SeaMeet.Simulator.Api;

namespace SeaMeet.Simulator.Storage;

/// <summary>Takes uploads. Their bytes are counted and hashed, and not kept.</summary>
internal sealed class UploadApi(PresignedUrls urls, MeetingStore meetings, TimeProvider time)
{
    private const int BufferLength = 64 * 1024;

    public async Task<IResult> PutAsync(string workspaceId, string meetingId, string name, HttpRequest request)
    {
        if (!urls.Allows(request, workspaceId, meetingId, name, time.GetUtcNow()))
            return Refuse(StatusCodes.Status403Forbidden, "AccessDenied", "Request has expired");
        if (meetings.Find(workspaceId, meetingId) is not { } meeting)
            return Refuse(StatusCodes.Status404NotFound, "NoSuchBucket", "The meeting was deleted");
        if (request.ContentLength is not { } expected)
            return Refuse(StatusCodes.Status411LengthRequired, "MissingContentLength", "Content-Length is missing");
        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        var (length, sha256) = await ReadAsync(request.Body, request.HttpContext.RequestAborted);
        if (length != expected)
            return Refuse(StatusCodes.Status400BadRequest, "IncompleteBody", "The body is shorter than its Content-Length");
        meeting.Audio[name] = new UploadedAudio(name, length, sha256, time.GetUtcNow());
        return Results.Ok();
    }

    private static async Task<(long Length, string Sha256)> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var length = 0L;
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                length += read;
            }

            return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>S3's errors are XML.</summary>
    private static IResult Refuse(int status, string code, string message) =>
        Results.Text($"<Error><Code>{code}</Code><Message>{message}</Message><Simulator>{Notice.Text}</Simulator></Error>", "application/xml", statusCode: status);
}
