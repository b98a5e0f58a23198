using System.Buffers;
using System.Text;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// A column's value in a pooled buffer. There are transcripts of megabytes: each as an object of its own would stay in memory until one of the
/// rare collections of large objects. Disposing it gives the buffer back.
/// </summary>
internal readonly struct LongValue<T>(T[] buffer, int length) : IDisposable
{
    public ReadOnlyMemory<T> Memory => buffer.AsMemory(0, length);

    public ReadOnlySpan<T> Span => Memory.Span;

    public void Dispose() => LongValue.PoolOf<T>().Return(buffer);
}

/// <summary>Reads long values, of a row whose columns are read in their order.</summary>
internal static class LongValue
{
    /// <returns>The pool for long texts. The shared one would keep an array of each length for every thread that ever returned one.</returns>
    public static ArrayPool<T> PoolOf<T>() => Pools<T>.Pool;

    /// <returns>The bytes of a value as PostgreSQL sends them.</returns>
    public static async Task<LongValue<byte>> ReadBytesAsync(NpgsqlDataReader reader, int column, CancellationToken cancellationToken)
    {
        await using var stream = await reader.GetStreamAsync(column, cancellationToken);
        var length = (int)stream.Length;
        var buffer = PoolOf<byte>().Rent(length);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
        return new LongValue<byte>(buffer, length);
    }

    public static async Task<LongValue<char>> ReadTextAsync(NpgsqlDataReader reader, int column, CancellationToken cancellationToken)
    {
        using var bytes = await ReadBytesAsync(reader, column, cancellationToken);
        var buffer = PoolOf<char>().Rent(bytes.Span.Length);
        return new LongValue<char>(buffer, Encoding.UTF8.GetChars(bytes.Span, buffer));
    }

    private static class Pools<T>
    {
        /// <summary>No value is longer; PostgreSQL's own bound is 1 GiB, and an array over this is not kept.</summary>
        private const int MaxLength = 64 * 1024 * 1024;

        /// <summary>One text is made at a time, of one or two others.</summary>
        public static readonly ArrayPool<T> Pool = ArrayPool<T>.Create(MaxLength, maxArraysPerBucket: 2);
    }
}
