using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// A delivery as a file, as versions before the SQLite file wrote it: a mark, the length of a JSON header, the header, the body. The header
/// holds the body's length and SHA-256, so that a file that is not whole is never taken for one that is.
/// </summary>
internal static class EarlierSpoolFile
{
    private const int PrefixLength = 12;

    private static ReadOnlySpan<byte> Mark => "CRSPOOL1"u8;

    /// <returns>Null where the bytes are not those of a whole file.</returns>
    public static Delivery? Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length < PrefixLength || !file.Span.StartsWith(Mark))
            return null;
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(file.Span[Mark.Length..]);
        if (headerLength < 0 || headerLength > file.Length - PrefixLength)
            return null;
        var body = file[(PrefixLength + headerLength)..];
        if (ReadHeader(file.Span.Slice(PrefixLength, headerLength)) is not { } header
            || header.BodyLength != body.Length || !header.BodySha256.AsSpan().SequenceEqual(SHA256.HashData(body.Span)))
        {
            return null;
        }

        var verified = VerifiedBody.Restore(header.WorkspaceId, header.KeyId, body);
        return new Delivery(header.DeliveryId, verified, CallbackParser.Parse(verified), header.ReceivedAt);
    }

    private static Header? ReadHeader(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<Header>(json, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    private sealed record Header(Guid DeliveryId, string WorkspaceId, string KeyId, DateTimeOffset ReceivedAt, int BodyLength, byte[] BodySha256);
}
