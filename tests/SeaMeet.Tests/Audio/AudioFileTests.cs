using System.Buffers.Binary;
using System.Text;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Audio;

/// <summary>What is known of a recording before it is uploaded.</summary>
public sealed class AudioFileTests : IDisposable
{
    private readonly TestFolder folder = new();

    [Theory]
    [InlineData(1, 8, "wav/pcm", "pcm_u8")]
    [InlineData(1, 16, "wav/pcm", "pcm_s16le")]
    [InlineData(1, 24, "wav/pcm", "pcm_s24le")]
    [InlineData(3, 32, "wav/pcm", "pcm_f32le")]
    [InlineData(6, 8, "wav/alaw", "pcm_alaw")]
    [InlineData(7, 8, "wav/mulaw", "pcm_mulaw")]
    public async Task A_wav_header_tells_encoding_channels_rate_and_length(ushort tag, ushort bits, string format, string encoding)
    {
        var bytesPerSecond = 8000 * 2 * bits / 8;

        var file = await InspectAsync(Wav(tag, channels: 2, rate: 8000, bits, bytesPerSecond * 3));

        Assert.Equal((format, encoding, 2, 8000, TimeSpan.FromSeconds(3)), (file.Format.Value, file.Encoding, file.Channels, file.SampleRate, file.Duration));
    }

    [Fact]
    public async Task Other_chunks_of_odd_length_before_the_samples_are_skipped()
    {
        var file = await InspectAsync(Wav(1, 1, 8000, 16, 16000, before: [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0]));

        Assert.Equal(TimeSpan.FromSeconds(1), file.Duration);
    }

    [Fact]
    public async Task An_extensible_header_is_read_by_its_sub_format()
    {
        byte[] extension = [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];

        var file = await InspectAsync(Wav(0xFFFE, 1, 8000, 16, 16000, extension: extension));

        Assert.Equal(("wav/pcm", "pcm_s16le"), (file.Format.Value, file.Encoding));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    [InlineData(1_000_000u)]
    public async Task A_length_that_a_recorder_never_filled_in_is_taken_from_the_file(uint written)
    {
        var wav = Wav(1, 1, 8000, 16, 32000);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), written);

        Assert.Equal(TimeSpan.FromSeconds(2), (await InspectAsync(wav)).Duration);
    }

    [Fact]
    public async Task The_64_bit_form_of_wav_is_read()
    {
        byte[] sizes = [.. "ds64"u8, 28, 0, 0, 0, .. new byte[8], 0x00, 0x7D, 0, 0, 0, 0, 0, 0, .. new byte[12]];
        var wav = Wav(1, 1, 8000, 16, 32000, before: sizes);
        "RF64"u8.CopyTo(wav);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40 + sizes.Length), uint.MaxValue);

        Assert.Equal(TimeSpan.FromSeconds(2), (await InspectAsync(wav)).Duration);
    }

    [Fact]
    public async Task Two_hours_are_taken_and_a_second_more_is_not()
    {
        var longest = folder.Write("longest.wav", Wav(1, 1, 100, 8, 0));
        var tooLong = folder.Write("too-long.wav", Wav(1, 1, 100, 8, 0));
        await using (var samples = new FileStream(longest, FileMode.Append))
            samples.Write(new byte[100 * 7200]);
        await using (var samples = new FileStream(tooLong, FileMode.Append))
            samples.Write(new byte[100 * 7201]);

        Assert.Equal(TimeSpan.FromHours(2), (await AudioFile.InspectAsync(longest)).Duration);
        Assert.Equal(AudioProblem.TooLong, (await Assert.ThrowsAsync<AudioException>(() => AudioFile.InspectAsync(tooLong))).Problem);
    }

    [Theory]
    [InlineData(1, 3, AudioProblem.Channels)]
    [InlineData(1, 0, AudioProblem.NotAudio)]
    [InlineData(2, 1, AudioProblem.NotAudio)] // ADPCM
    [InlineData(0x55, 1, AudioProblem.NotAudio)] // MP3 in WAV
    public async Task A_wav_that_SeaMeet_does_not_take_is_refused(ushort tag, ushort channels, AudioProblem expected) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<AudioException>(() => InspectAsync(Wav(tag, channels, 8000, 16, 16000)))).Problem);

    public static TheoryData<byte[]> NoAudio => new(
        [],
        "RIFF"u8.ToArray(),
        "RIFF\0\0\0\0WAVE"u8.ToArray(),
        "RIFF\0\0\0\0WAVEdata\0\0\0\0"u8.ToArray(),
        "RIFF\0\0\0\0WAVEfmt \u0010\0\0\0\u0001"u8.ToArray(),
        "RIFF\0\0\0\0AVI "u8.ToArray(),
        "OggS with vorbis"u8.ToArray(),
        "%PDF-1.7"u8.ToArray(),
        "hello"u8.ToArray());

    [Theory]
    [MemberData(nameof(NoAudio))]
    public async Task What_is_no_audio_is_refused_whatever_its_name(byte[] content) =>
        Assert.Equal(AudioProblem.NotAudio, (await Assert.ThrowsAsync<AudioException>(() => InspectAsync(content))).Problem);

    public static TheoryData<byte[], string> OtherFormats => new()
    {
        { "ID3\u0004"u8.ToArray(), "mp3" },
        { [0xFF, 0xFB, 0x90, 0x64], "mp3" },
        { [0xFF, 0xF1, 0x50, 0x80], "aac" },
        { [0, 0, 0, 32, .. "ftypM4A "u8], "mp4" },
        { [.. "OggS"u8, .. new byte[24], .. "OpusHead"u8], "ogg/opus" },
        { [.. "OggS"u8, .. new byte[24], .. "Speex   "u8], "speex" },
        { "fLaC"u8.ToArray(), "flac" },
        { "#!AMR\n"u8.ToArray(), "amr" },
        { [0x1A, 0x45, 0xDF, 0xA3], "webm" },
        { [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "wma" },
    };

    [Theory]
    [MemberData(nameof(OtherFormats))]
    public void Other_formats_are_told_by_their_first_bytes(byte[] start, string expected) => Assert.Equal(expected, AudioFormat.Of(start)?.Value);

    [Fact]
    public void What_ffprobe_says_is_read()
    {
        var probe = FfProbe.Parse("""
            {"programs":[],"streams":[{"codec_name":"mjpeg","codec_type":"video"},{"codec_name":"mp3","codec_type":"audio","sample_rate":"44100","channels":2}],
            "format":{"duration":"61.500000"}}
            """);

        Assert.Equal(new FfProbe(true, 2, 44100, "mp3", TimeSpan.FromSeconds(61.5)), probe);
    }

    [Theory]
    [InlineData("""{"streams":[{"codec_type":"video"}],"format":{}}""", false)]
    [InlineData("""{"streams":[{"codec_type":"audio"}],"format":{"duration":"N/A"}}""", true)]
    [InlineData("{}", false)]
    public void What_ffprobe_leaves_out_stays_open(string answer, bool hasAudio) =>
        Assert.Equal(new FfProbe(hasAudio, null, null, null, null), FfProbe.Parse(answer));

    [Fact]
    public async Task A_file_that_is_not_there_is_missing() =>
        Assert.Equal(AudioProblem.Missing, (await Assert.ThrowsAsync<AudioException>(() => AudioFile.InspectAsync(folder.In("none.wav")))).Problem);

    [Fact]
    public async Task A_folder_is_no_file() =>
        Assert.Equal(AudioProblem.Missing, (await Assert.ThrowsAsync<AudioException>(() => AudioFile.InspectAsync(folder.Path))).Problem);

    public void Dispose() => folder.Dispose();

    private Task<AudioFile> InspectAsync(byte[] content) => AudioFile.InspectAsync(folder.Write("call.wav", content));

    private static byte[] Wav(ushort tag, ushort channels, int rate, ushort bits, int bytes, byte[]? before = null, byte[]? extension = null)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.ASCII);
        writer.Write("RIFF\0\0\0\0WAVE"u8);
        writer.Write("fmt "u8);
        writer.Write(16 + (extension?.Length ?? 0));
        writer.Write(tag);
        writer.Write(channels);
        writer.Write(rate);
        writer.Write(rate * channels * bits / 8);
        writer.Write((ushort)(channels * bits / 8));
        writer.Write(bits);
        writer.Write(extension ?? []);
        writer.Write(before ?? []);
        writer.Write("data"u8);
        writer.Write(bytes);
        writer.Write(new byte[bytes]);
        return memory.ToArray();
    }
}
