using System.Buffers;
using System.Text;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// A column's value in a buffer of the array pool. There are transcripts of megabytes: each as an object of its own would stay in memory until
/// one of the rare collections of large objects. Disposing it gives the buffer back.
/// </summary>
internal readonly struct LongValue<T>(T[] buffer, int length) : IDisposable
{
    public ReadOnlyMemory<T> Memory => buffer.AsMemory(0, length);

    public ReadOnlySpan<T> Span => Memory.Span;

    public void Dispose() => ArrayPool<T>.Shared.Return(buffer);
}

/// <summary>Reads long values.</summary>
internal static class LongValue
{
    /// <returns>The bytes of a value as PostgreSQL sends them.</returns>
    public static LongValue<byte> ReadBytes(NpgsqlDataReader reader, int column)
    {
        using var stream = reader.GetStream(column);
        var length = (int)stream.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        stream.ReadExactly(buffer.AsSpan(0, length));
        return new LongValue<byte>(buffer, length);
    }

    public static LongValue<char> ReadText(NpgsqlDataReader reader, int column)
    {
        using var bytes = ReadBytes(reader, column);
        var buffer = ArrayPool<char>.Shared.Rent(bytes.Span.Length);
        return new LongValue<char>(buffer, Encoding.UTF8.GetChars(bytes.Span, buffer));
    }
}
