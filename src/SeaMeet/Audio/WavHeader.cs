using System.Buffers.Binary;

namespace SeaMeet;

/// <summary>What a WAV file says of itself. RIFF and its 64-bit form RF64 are read.</summary>
/// <param name="Format">One of the document's three; null for another encoding.</param>
/// <param name="Encoding">The encoding as the document's example writes it: <c>pcm_s16le</c>, <c>pcm_alaw</c>.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="SampleRate">In hertz.</param>
/// <param name="Duration">The length of the recording, by the samples that are there.</param>
internal sealed record WavHeader(AudioFormat? Format, string Encoding, int Channels, int SampleRate, TimeSpan Duration)
{
    private const int ChunkHeaderLength = 8;
    private const int FormatLength = 16;
    private const int ExtensibleFormatLength = 26;
    private const ushort Pcm = 1, Float = 3, ALaw = 6, MuLaw = 7, Extensible = 0xFFFE;

    public static bool Starts(ReadOnlySpan<byte> start) =>
        start.Length >= 12 && (start.StartsWith("RIFF"u8) || start.StartsWith("RF64"u8)) && start[8..].StartsWith("WAVE"u8);

    /// <summary>Reads the header. Chunks that are not looked at are skipped, not read.</summary>
    /// <returns>Null where there is no whole header, or it contradicts itself.</returns>
    public static WavHeader? Read(Stream file)
    {
        file.Position = 12;
        Span<byte> chunk = stackalloc byte[ChunkHeaderLength];
        Span<byte> format = stackalloc byte[ExtensibleFormatLength];
        Span<byte> sizes = stackalloc byte[16];
        var formatLength = 0;
        long samplesIn64Bits = -1;
        while (file.ReadAtLeast(chunk, ChunkHeaderLength, throwOnEndOfStream: false) == ChunkHeaderLength)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            var content = file.Position;
            if (chunk.StartsWith("fmt "u8))
            {
                formatLength = (int)Math.Min(length, format.Length);
                if (file.ReadAtLeast(format[..formatLength], formatLength, throwOnEndOfStream: false) < formatLength)
                    return null;
            }
            else if (chunk.StartsWith("ds64"u8) && length >= 16)
            {
                if (file.ReadAtLeast(sizes, sizes.Length, throwOnEndOfStream: false) < sizes.Length)
                    return null;
                samplesIn64Bits = BinaryPrimitives.ReadInt64LittleEndian(sizes[8..]);
            }
            else if (chunk.StartsWith("data"u8))
            {
                return formatLength < FormatLength ? null : Of(format[..formatLength], BytesOfSamples(length, samplesIn64Bits, file.Length - content));
            }

            file.Position = content + length + (length & 1); // chunks begin at even places
        }

        return null;
    }

    /// <summary>A recorder that could not go back writes 0 or all ones; one that was cut off says more than there is.</summary>
    private static long BytesOfSamples(long length, long samplesIn64Bits, long rest)
    {
        if (length == uint.MaxValue && samplesIn64Bits > 0)
            length = samplesIn64Bits;
        return length == 0 || length > rest ? rest : length;
    }

    private static WavHeader? Of(ReadOnlySpan<byte> format, long bytes)
    {
        var tag = BinaryPrimitives.ReadUInt16LittleEndian(format);
        var channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        var sampleRate = BinaryPrimitives.ReadInt32LittleEndian(format[4..]);
        var bytesPerSecond = BinaryPrimitives.ReadUInt32LittleEndian(format[8..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        if (tag == Extensible && format.Length == ExtensibleFormatLength)
            tag = BinaryPrimitives.ReadUInt16LittleEndian(format[24..]);
        if (channels == 0 || sampleRate <= 0 || bytesPerSecond == 0)
            return null;
        var (kind, encoding) = (tag, bits) switch
        {
            (Pcm, 8) => (AudioFormat.WavPcm, "pcm_u8"),
            (Pcm, _) => (AudioFormat.WavPcm, $"pcm_s{bits}le"),
            (Float, _) => (AudioFormat.WavPcm, $"pcm_f{bits}le"),
            (ALaw, _) => (AudioFormat.WavALaw, "pcm_alaw"),
            (MuLaw, _) => (AudioFormat.WavMuLaw, "pcm_mulaw"),
            _ => (default(AudioFormat?), $"0x{tag:x4}"),
        };
        return new WavHeader(kind, encoding, channels, sampleRate, TimeSpan.FromSeconds((double)bytes / bytesPerSecond));
    }
}
