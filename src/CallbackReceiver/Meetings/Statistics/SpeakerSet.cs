using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>
/// The speakers of a meeting as PostgreSQL sends them: the bytes of a <c>text[]</c>. Most meetings have the speakers of some other, which the
/// bytes tell without a name being made of them.
/// </summary>
internal static class SpeakerSet
{
    /// <summary>Tells sets apart, and names in another order.</summary>
    public static IEqualityComparer<byte[]> Comparer { get; } = new BytesComparer();

    /// <summary>How many names there are.</summary>
    public static int CountOf(byte[] set) => ReadInt(set, 0) == 0 ? 0 : ReadInt(set, 3 * sizeof(int));

    /// <summary>The names, in their order.</summary>
    /// <remarks>As <c>array_send</c> writes them: dimensions, a flag, the type; of each dimension length and first index; of each element length and bytes.</remarks>
    public static IEnumerable<string> NamesOf(byte[] set)
    {
        const int ofDimension = 2 * sizeof(int);
        for (var at = (3 * sizeof(int)) + (ofDimension * ReadInt(set, 0)); at < set.Length;)
        {
            var length = ReadInt(set, at);
            yield return Encoding.UTF8.GetString(set, at + sizeof(int), length);
            at += sizeof(int) + length;
        }
    }

    private static int ReadInt(byte[] set, int at) => BinaryPrimitives.ReadInt32BigEndian(set.AsSpan(at));

    private sealed class BytesComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] set)
        {
            var hash = default(HashCode);
            hash.AddBytes(set);
            return hash.ToHashCode();
        }
    }
}
