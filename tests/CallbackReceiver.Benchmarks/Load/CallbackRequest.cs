using System.Security.Cryptography;
using System.Text;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// One connection's HTTP request, as bytes that are sent as they are. For the next callback only its id and its signature are written
/// anew. The sender signs, at the same cost for every variant: an HMAC over 3.8 KB, some microseconds.
/// </summary>
internal sealed class CallbackRequest
{
    private const int SignatureLength = 2 * HMACSHA256.HashSizeInBytes;

    private readonly byte[] signingKey;
    private readonly byte[] request;
    private readonly int signatureOffset;
    private readonly int bodyOffset;
    private readonly IReadOnlyList<int> idOffsets;

    public CallbackRequest(CallbackTemplate template, Target target)
    {
        var beforeSignature = $"POST /callbacks/{target.WorkspaceId} HTTP/1.1\r\nHost: {target.Address}\r\n{Signature.HeaderName}: ";
        var afterSignature = $"\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: Python/3.11 aiohttp/3.9.5\r\nContent-Length: {template.Body.Length}\r\nContent-Type: application/json\r\n\r\n";
        signingKey = Encoding.ASCII.GetBytes(target.SigningKey);
        signatureOffset = beforeSignature.Length;
        bodyOffset = signatureOffset + SignatureLength + afterSignature.Length;
        idOffsets = template.IdOffsets;
        request = [.. Encoding.ASCII.GetBytes(beforeSignature + new string(' ', SignatureLength) + afterSignature), .. template.Body];
    }

    /// <summary>The request of a callback, good until the next call.</summary>
    public ReadOnlyMemory<byte> Prepare(long number)
    {
        var body = request.AsSpan(bodyOffset);
        foreach (var offset in idOffsets)
            CallbackNumber.WriteId(number, body.Slice(offset, CallbackNumber.IdLength));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(signingKey, body, mac);
        Convert.TryToHexStringLower(mac, request.AsSpan(signatureOffset), out _);
        return request;
    }
}
