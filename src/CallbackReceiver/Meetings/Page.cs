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
/// The place in a list of meetings after which the next page begins. Opaque to readers. A checksum finds one that is cut off, mistyped or of
/// another list. It is no protection, and none is needed: the workspace is always the URL's.
/// </summary>
/// <param name="Place">The last row's.</param>
/// <param name="StartedAt">What was the newest time of receiving when the first page was read: see <see cref="ListPlaces"/>.</param>
internal readonly record struct MeetingCursor(ListPlace Place, DateTime StartedAt)
{
    private const int ChecksumLength = 8;
    private const int HeadLength = ChecksumLength + (2 * sizeof(long));

    /// <summary>Part of the checksum, so that no other version takes the bytes for something else.</summary>
    private const string Form = " 2";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="list">Which list the place is in: the workspace.</param>
    public string ToString(string list)
    {
        var bytes = new byte[HeadLength + Utf8.GetByteCount(Place.MeetingId)];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ChecksumLength), Place.At.Ticks);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ChecksumLength + sizeof(long)), StartedAt.Ticks);
        Utf8.GetBytes(Place.MeetingId, bytes.AsSpan(HeadLength));
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
            var meetingId = Utf8.GetString(bytes.AsSpan(HeadLength));
            return ReadTime(bytes, ChecksumLength) is { } at && ReadTime(bytes, ChecksumLength + sizeof(long)) is { } startedAt && !meetingId.Contains('\0', StringComparison.Ordinal)
                ? new MeetingCursor(new ListPlace(at, meetingId), startedAt)
                : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static DateTime? ReadTime(byte[] bytes, int at) =>
        BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)) is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    private static ReadOnlySpan<byte> Checksum(string list, ReadOnlySpan<byte> cursor) =>
        SHA256.HashData([.. cursor[ChecksumLength..], .. Encoding.UTF8.GetBytes(list + Form)]).AsSpan(0, ChecksumLength);
}
