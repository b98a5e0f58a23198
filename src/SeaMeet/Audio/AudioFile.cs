namespace SeaMeet;

/// <summary>A recording on disk that SeaMeet takes, as far as can be told before it is uploaded.</summary>
public sealed record AudioFile
{
    /// <summary>The longest recording that SeaMeet takes: two hours.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(2);

    private const int StartLength = 512;

    private AudioFile(string path, long length, AudioFormat format)
    {
        Path = path;
        Length = length;
        Format = format;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Its name without the folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>Its format, by its content.</summary>
    public AudioFormat Format { get; }

    /// <summary>The number of channels; null where neither a WAV header nor <c>ffprobe</c> tells it.</summary>
    public int? Channels { get; private init; }

    /// <summary>The sample rate in hertz; null where it is not known.</summary>
    public int? SampleRate { get; private init; }

    /// <summary>The encoding, as <c>pcm_s16le</c>; null where it is not known.</summary>
    public string? Encoding { get; private init; }

    /// <summary>The length of the recording; null where it is not known, and so was not checked.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>
    /// Looks at a file: a WAV file's header is read here, of another the format is told by its first bytes and the rest by <c>ffprobe</c>,
    /// where the machine has it.
    /// </summary>
    /// <exception cref="AudioException">SeaMeet does not take it.</exception>
    public static async Task<AudioFile> InspectAsync(string path, CancellationToken cancellationToken = default)
    {
        var fullPath = System.IO.Path.GetFullPath(path);
        await using var content = Open(fullPath);
        var start = new byte[StartLength];
        var read = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var file = WavHeader.Starts(start.AsSpan(0, read))
            ? OfWav(fullPath, content)
            : await OfOtherAsync(fullPath, content.Length, AudioFormat.Of(start.AsSpan(0, read)), cancellationToken);
        return file.Checked();
    }

    /// <summary>Opens a file for reading from start to end.</summary>
    /// <exception cref="AudioException">It is not there, or cannot be opened.</exception>
    internal static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var missing = exception is FileNotFoundException or DirectoryNotFoundException;
            throw new AudioException(AudioProblem.Missing, missing ? $"There is no file '{path}'." : $"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static AudioFile OfWav(string path, FileStream content)
    {
        using var buffered = new BufferedStream(content);
        var header = WavHeader.Read(buffered) ?? throw new AudioException(AudioProblem.NotAudio, $"'{path}' begins as a WAV file, but has no whole header.");
        if (header.Format is not { } format)
            throw new AudioException(AudioProblem.NotAudio, $"'{path}' is a WAV file with the encoding {header.Encoding}; SeaMeet takes PCM, A-law and µ-law.");
        return new AudioFile(path, content.Length, format)
        {
            Channels = header.Channels,
            SampleRate = header.SampleRate,
            Encoding = header.Encoding,
            Duration = header.Duration,
        };
    }

    private static async Task<AudioFile> OfOtherAsync(string path, long length, AudioFormat? format, CancellationToken cancellationToken)
    {
        if (format is not { } known)
            throw new AudioException(AudioProblem.NotAudio, $"'{path}' is not audio that SeaMeet takes ({string.Join(", ", AudioFormat.Documented)}), by its content.");
        if (await FfProbe.TryReadAsync(path, cancellationToken) is not { } probe)
            return new AudioFile(path, length, known);
        if (!probe.HasAudio)
            throw new AudioException(AudioProblem.NotAudio, $"'{path}' has no sound track.");
        return new AudioFile(path, length, known)
        {
            Channels = probe.Channels,
            SampleRate = probe.SampleRate,
            Encoding = probe.Encoding,
            Duration = probe.Duration,
        };
    }

    private AudioFile Checked()
    {
        if (Duration > MaxDuration)
            throw new AudioException(AudioProblem.TooLong, $"'{Path}' is {Duration:h\\:mm\\:ss} long; SeaMeet takes two hours at most.");
        if (Duration == TimeSpan.Zero)
            throw new AudioException(AudioProblem.NotAudio, $"'{Path}' holds no sound.");
        if (Channels is { } channels and not (1 or 2))
            throw new AudioException(AudioProblem.Channels, $"'{Path}' has {channels} channels; SeaMeet takes 1 or 2.");
        return this;
    }
}
