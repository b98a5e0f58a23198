namespace SeaMeet;

/// <summary>A format of a recording, as the document lists them: a container, with the encoding where it matters.</summary>
/// <param name="Value">The document's word.</param>
public readonly record struct AudioFormat(string Value)
{
    /// <summary>WAV with linear samples.</summary>
    public static AudioFormat WavPcm { get; } = new("wav/pcm");

    /// <summary>WAV with A-law samples.</summary>
    public static AudioFormat WavALaw { get; } = new("wav/alaw");

    /// <summary>WAV with µ-law samples.</summary>
    public static AudioFormat WavMuLaw { get; } = new("wav/mulaw");

    /// <summary>MP3.</summary>
    public static AudioFormat Mp3 { get; } = new("mp3");

    /// <summary>MP4.</summary>
    public static AudioFormat Mp4 { get; } = new("mp4");

    /// <summary>Opus in Ogg.</summary>
    public static AudioFormat OggOpus { get; } = new("ogg/opus");

    /// <summary>FLAC.</summary>
    public static AudioFormat Flac { get; } = new("flac");

    /// <summary>Windows Media Audio.</summary>
    public static AudioFormat Wma { get; } = new("wma");

    /// <summary>AAC in ADTS frames.</summary>
    public static AudioFormat Aac { get; } = new("aac");

    /// <summary>AMR.</summary>
    public static AudioFormat Amr { get; } = new("amr");

    /// <summary>WebM.</summary>
    public static AudioFormat WebM { get; } = new("webm");

    /// <summary>Speex in Ogg.</summary>
    public static AudioFormat Speex { get; } = new("speex");

    /// <summary>The formats that SeaMeet takes, in the document's order.</summary>
    public static IReadOnlyList<AudioFormat> Documented { get; } =
        [WavPcm, WavALaw, WavMuLaw, Mp3, Mp4, OggOpus, Flac, Wma, Aac, Amr, WebM, Speex];

    /// <summary>The extensions under which such files are found in a folder.</summary>
    public static IReadOnlySet<string> Extensions { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        ".wav", ".mp3", ".mp4", ".m4a", ".ogg", ".opus", ".flac", ".wma", ".aac", ".amr", ".webm", ".spx",
    };

    /// <summary>The format of a file that is not WAV, by its first bytes: an extension may say anything.</summary>
    /// <returns>Null where they are of no format that SeaMeet takes.</returns>
    internal static AudioFormat? Of(ReadOnlySpan<byte> start) => start switch
    {
        _ when start.StartsWith("OggS"u8) => OfOgg(start),
        _ when start.StartsWith("fLaC"u8) => Flac,
        _ when start.StartsWith("#!AMR"u8) => Amr,
        _ when start.StartsWith("ID3"u8) => Mp3,
        _ when start.Length >= 8 && start[4..].StartsWith("ftyp"u8) => Mp4,
        [0x1A, 0x45, 0xDF, 0xA3, ..] => WebM,
        [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, ..] => Wma,
        [0xFF, var second, ..] when (second & 0xF6) == 0xF0 => Aac, // a frame's sync bits, layer 0
        [0xFF, var second, ..] when (second & 0xE0) == 0xE0 && (second & 0x06) != 0 => Mp3, // a frame's sync bits, layers 1 to 3
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static AudioFormat? OfOgg(ReadOnlySpan<byte> start) =>
        start.IndexOf("OpusHead"u8) >= 0 ? OggOpus : start.IndexOf("Speex   "u8) >= 0 ? Speex : null;
}
