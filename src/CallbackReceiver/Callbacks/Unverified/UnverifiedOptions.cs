using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Callbacks.Unverified;

/// <summary>The section <c>Unverified</c>: how much is kept, per workspace, of what failed verification. 0 deliveries turns it off.</summary>
internal sealed class UnverifiedOptions
{
    public const string Section = "Unverified";

    /// <summary>The most deliveries; the oldest go first.</summary>
    [Range(0, 100_000, ErrorMessage = "Unverified:MaxDeliveries is a number from 0 to 100000.")]
    public int MaxDeliveries { get; set; } = 1000;

    /// <summary>The most bytes together; the oldest go first.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "Unverified:MaxBytes is a number of bytes, 0 or more.")]
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long they are kept.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00", ErrorMessage = "Unverified:MaxAge is a time span such as 30.00:00:00.")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);
}
