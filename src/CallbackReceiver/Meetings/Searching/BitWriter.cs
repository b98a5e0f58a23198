using System.Numerics;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Writes numbers of a few bits each, the lowest bit first. <see cref="BitReader"/> reads them.</summary>
internal sealed class BitWriter
{
    /// <summary>A quotient that is so long or longer is written as the number itself, so that no number is much longer than its bits.</summary>
    public const int LongestQuotient = 24;

    private byte[] bytes = new byte[4096];
    private int length;
    private ulong pending;
    private int pendingBits;

    /// <param name="value">The number; what is above the bits must be zero.</param>
    /// <param name="bits">0 to 32.</param>
    public void Write(uint value, int bits)
    {
        pending |= (ulong)value << pendingBits;
        pendingBits += bits;
        for (; pendingBits >= 8; pendingBits -= 8)
        {
            Append((byte)pending);
            pending >>= 8;
        }
    }

    /// <summary>Writes a number by Rice's code: short for numbers about 2 to the power of the parameter, or below.</summary>
    /// <param name="value">The number.</param>
    /// <param name="parameter">0 to 31.</param>
    public void WriteRice(uint value, int parameter)
    {
        var quotient = value >> parameter;
        if (quotient >= LongestQuotient)
        {
            Write((1u << LongestQuotient) - 1, LongestQuotient);
            Write(value, 32);
            return;
        }

        Write((1u << (int)quotient) - 1, (int)quotient + 1);
        Write(value & ((1u << parameter) - 1), parameter);
    }

    /// <summary>Writes a number above 0 by Elias' code: short for small ones.</summary>
    public void WriteElias(uint value)
    {
        var bits = BitOperations.Log2(value);
        WriteRice((uint)bits, 0);
        Write(value - (1u << bits), bits);
    }

    /// <summary>Gives what was written, and begins anew.</summary>
    public byte[] Take()
    {
        if (pendingBits > 0)
            Append((byte)pending);
        var taken = bytes[..length];
        (length, pending, pendingBits) = (0, 0, 0);
        return taken;
    }

    private void Append(byte value)
    {
        if (length == bytes.Length)
            Array.Resize(ref bytes, 2 * length);
        bytes[length++] = value;
    }
}

/// <summary>Reads what <see cref="BitWriter"/> wrote.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int position;

    public uint Read(int bits)
    {
        var value = (uint)(Next() & ((1ul << bits) - 1));
        position += bits;
        return value;
    }

    public uint ReadRice(int parameter)
    {
        var next = Next();
        var quotient = BitOperations.TrailingZeroCount(~next);
        if (quotient >= BitWriter.LongestQuotient)
        {
            position += BitWriter.LongestQuotient;
            return Read(32);
        }

        position += quotient + 1 + parameter;
        return ((uint)quotient << parameter) | (uint)((next >> (quotient + 1)) & ((1ul << parameter) - 1));
    }

    public uint ReadElias()
    {
        var bits = (int)ReadRice(0);
        return (1u << bits) + Read(bits);
    }

    /// <summary>The bits from the position on: at least 57 of them, zeros behind the end.</summary>
    private readonly ulong Next()
    {
        var at = position >> 3;
        if (at + sizeof(ulong) <= bytes.Length)
            return BitConverter.ToUInt64(bytes[at..]) >> (position & 7);
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Clear();
        if (at < bytes.Length)
            bytes[at..].CopyTo(last);
        return BitConverter.ToUInt64(last) >> (position & 7);
    }
}
