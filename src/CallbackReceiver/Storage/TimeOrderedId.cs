using System.Buffers.Binary;

namespace CallbackReceiver.Storage;

/// <summary>Ids that are UUIDs of version 7: their order is that of their times, so that a key can be searched by time.</summary>
internal static class TimeOrderedId
{
    private const int TimeLength = 6;

    /// <summary>What every id of that time or later is greater than or equal to, and every id of an earlier millisecond less than.</summary>
    public static Guid FirstOf(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << (8 * (sizeof(long) - TimeLength)));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The same for a time in UTC; no id is of a time before 1970.</summary>
    public static Guid FirstOf(DateTime time) => FirstOf(new DateTimeOffset(time < DateTime.UnixEpoch ? DateTime.UnixEpoch : time));

    /// <summary>What every id of an earlier time is less than. Ids of the rest of that millisecond may be less as well.</summary>
    public static Guid EndOf(DateTime time)
    {
        var milliseconds = (time.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        var ticks = milliseconds * TimeSpan.TicksPerMillisecond;
        return ticks > DateTime.MaxValue.Ticks ? Guid.AllBitsSet : FirstOf(new DateTime(ticks, DateTimeKind.Utc));
    }

    /// <summary>The time of an id, to the millisecond.</summary>
    public static DateTimeOffset TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> (8 * (sizeof(long) - TimeLength)));
    }
}
