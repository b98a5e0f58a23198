namespace SeaMeet;

/// <summary>Why a recording cannot be uploaded.</summary>
public enum AudioProblem
{
    /// <summary>There is no such file, or it cannot be opened.</summary>
    Missing,

    /// <summary>Its content is not audio of a format that SeaMeet takes.</summary>
    NotAudio,

    /// <summary>It has another number of channels than 1 or 2.</summary>
    Channels,

    /// <summary>It is longer than two hours.</summary>
    TooLong,

    /// <summary>It changed while it was uploaded.</summary>
    Changed,
}

/// <summary>A recording that cannot be uploaded. The message says why, and names the file.</summary>
public sealed class AudioException(AudioProblem problem, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public AudioProblem Problem { get; } = problem;
}
