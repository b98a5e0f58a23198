using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// A delivery as a file: a mark, the length of a JSON header, the header, the body. The header holds the body's length and SHA-256, so
/// that a file that is not whole is never taken for one that is.
/// </summary>
internal static class SpoolFile
{
    private const int PrefixLength = 12;

    private static ReadOnlySpan<byte> Mark => "CRSPOOL1"u8;

    /// <summary>Sorts by the time of receiving.</summary>
    public static string NameOf(Delivery delivery) => $"{delivery.ReceivedAt.UtcTicks / TimeSpan.TicksPerMicrosecond:D17}-{delivery.Id:N}";

    /// <returns>What <see cref="NameOf"/> wrote; null where it was another's name.</returns>
    public static DateTimeOffset? ReceivedAt(string name) =>
        long.TryParse(name.AsSpan(0, Math.Min(17, name.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            ? new DateTimeOffset(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero)
            : null;

    public static void Write(Stream stream, Delivery delivery)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new Header(
            delivery.Id, delivery.WorkspaceId, delivery.Body.KeyId, delivery.ReceivedAt, delivery.Body.Bytes.Length, delivery.Sha256));
        Span<byte> prefix = stackalloc byte[PrefixLength];
        Mark.CopyTo(prefix);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[Mark.Length..], header.Length);
        stream.Write(prefix);
        stream.Write(header);
        stream.Write(delivery.Body.Bytes.Span);
    }

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
