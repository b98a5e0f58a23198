using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Callbacks;

/// <summary>The section <c>Callbacks</c>.</summary>
internal sealed class CallbackOptions
{
    public const string Section = "Callbacks";

    /// <summary>The longest body taken, in bytes. A two-hour call in Chinese comes to about half a MiB.</summary>
    [Range(1024, 64 * 1024 * 1024, ErrorMessage = "Callbacks:MaxBodyBytes is a number of bytes from 1024 to 67108864.")]
    public int MaxBodyBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>How long a body may take to come, the wait for memory not counted; a slower one is answered 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Callbacks:BodyTimeout is a time span such as 00:00:30.")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Memory for the bodies over 64 KiB that are being received or stored at one moment, in bytes; further ones wait. At least twice the
    /// longest body, rounded up to a power of two, is taken for it.
    /// </summary>
    [Range(1024 * 1024, int.MaxValue, ErrorMessage = "Callbacks:BodyMemoryBytes is a number of bytes from 1048576 to 2147483647.")]
    public int BodyMemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Callbacks that may wait for a commit; the next one is answered 503.</summary>
    [Range(1, 100_000, ErrorMessage = "Callbacks:QueueLength is a number of callbacks from 1 to 100000.")]
    public int QueueLength { get; set; } = 1024;

    /// <summary>Transactions under way at once.</summary>
    [Range(1, 32, ErrorMessage = "Callbacks:Writers is a number from 1 to 32.")]
    public int Writers { get; set; } = 2;

    /// <summary>Bad signatures from one client network within a minute; the next ones are answered 429 until the minute is over.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "Callbacks:BadSignaturesPerMinute is a number of requests, 1 or more.")]
    public int BadSignaturesPerMinute { get; set; } = 6000;

    /// <summary>
    /// Bytes that are hashed within a minute to verify what comes from one client network that nothing was verified from within a day: the
    /// length of each body times the keys it is tried with. The next ones are answered 429.
    /// </summary>
    [Range(1, long.MaxValue / 16, ErrorMessage = "Callbacks:StrangerHashBytesPerMinute is a number of bytes, 1 or more.")]
    public long StrangerHashBytesPerMinute { get; set; } = 512 * 1024 * 1024;

    /// <summary>
    /// Whether a transcript is stored with its meeting as well, where versions before the migration <c>TranscriptsInTheLedger</c> look for it,
    /// and items and metadata as jsonb, where versions before <c>ItemsAsSent</c> do: for the time in which one of them runs beside this one, or
    /// may come back.
    /// </summary>
    public bool TranscriptsWithMeetings { get; set; }
}
