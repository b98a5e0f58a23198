using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace CallbackReceiver.Meetings;

/// <summary>A page of a list.</summary>
/// <param name="Items">The rows of this page.</param>
/// <param name="NextCursor">What to ask for the next page with; null on the last page.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>The place in a list of meetings after which the next page begins: the last row's time and id. Opaque to readers.</summary>
internal readonly record struct MeetingCursor(DateTime ReceivedAt, string MeetingId)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override string ToString()
    {
        var bytes = new byte[sizeof(long) + Utf8.GetByteCount(MeetingId)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, ReceivedAt.Ticks);
        Utf8.GetBytes(MeetingId, bytes.AsSpan(sizeof(long)));
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>Null where the text is not a cursor that this service made.</returns>
    public static MeetingCursor? TryParse(string text)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length <= sizeof(long))
                return null;
            var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
            var meetingId = Utf8.GetString(bytes.AsSpan(sizeof(long)));
            return ticks < 0 || ticks > DateTime.MaxValue.Ticks || meetingId.Contains('\0', StringComparison.Ordinal)
                ? null
                : new MeetingCursor(new DateTime(ticks, DateTimeKind.Utc), meetingId);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
