using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.Meetings;

/// <summary>A page of a list.</summary>
/// <param name="Items">The rows of this page.</param>
/// <param name="NextCursor">What to ask for the next page with; null on the last page.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor) : IPage;

/// <summary>A page of whatever.</summary>
internal interface IPage
{
    string? NextCursor { get; }
}

/// <summary>
/// The place in a list of meetings after which the next page begins: the last row's time and id. Opaque to readers. A checksum finds one
/// that is cut off, mistyped or of another list. It is no protection, and none is needed: the workspace is always the URL's.
/// </summary>
internal readonly record struct MeetingCursor(DateTime ReceivedAt, string MeetingId)
{
    private const int ChecksumLength = 8;
    private const int HeadLength = ChecksumLength + sizeof(long);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="list">Which list the place is in: the workspace.</param>
    public string ToString(string list)
    {
        var bytes = new byte[HeadLength + Utf8.GetByteCount(MeetingId)];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ChecksumLength), ReceivedAt.Ticks);
        Utf8.GetBytes(MeetingId, bytes.AsSpan(HeadLength));
        Checksum(list, bytes).CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>Null where the text is not a cursor that this service made for the list.</returns>
    public static MeetingCursor? TryParse(string text, string list)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length <= HeadLength || !Checksum(list, bytes).SequenceEqual(bytes.AsSpan(0, ChecksumLength)))
                return null;
            var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(ChecksumLength));
            var meetingId = Utf8.GetString(bytes.AsSpan(HeadLength));
            return ticks < 0 || ticks > DateTime.MaxValue.Ticks || meetingId.Contains('\0', StringComparison.Ordinal)
                ? null
                : new MeetingCursor(new DateTime(ticks, DateTimeKind.Utc), meetingId);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Checksum(string list, ReadOnlySpan<byte> cursor) =>
        SHA256.HashData([.. cursor[ChecksumLength..], .. Encoding.UTF8.GetBytes(list)]).AsSpan(0, ChecksumLength);
}
