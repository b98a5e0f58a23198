using System.Buffers.Binary;
using System.Globalization;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// The meeting id of the n-th callback of a run: <c>seax_</c> and 32 hex digits, as the vendor's are. The first half scatters like a
/// random id, so that index pages are met as in production; the second half is the number, so that a stored row tells which callback it is.
/// </summary>
internal static class CallbackNumber
{
    public const int IdLength = 37;

    private const string Prefix = "seax_";
    private const int HalfLength = 16;

    public static void WriteId(long number, Span<byte> id)
    {
        Span<byte> halves = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteUInt64BigEndian(halves, Scatter((ulong)number));
        BinaryPrimitives.WriteInt64BigEndian(halves[sizeof(long)..], number);
        System.Text.Encoding.ASCII.GetBytes(Prefix, id);
        Convert.TryToHexStringLower(halves, id[Prefix.Length..], out _);
    }

    /// <returns>Null where the id is not one that <see cref="WriteId"/> makes.</returns>
    public static long? Read(string id) =>
        id.Length == IdLength && long.TryParse(id.AsSpan(Prefix.Length + HalfLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>SplitMix64's finalizer: one to one.</summary>
    private static ulong Scatter(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
