using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Meetings.Events;

/// <summary>The section <c>Events</c>: the backlog of events.</summary>
internal sealed class EventOptions
{
    public const string Section = "Events";

    /// <summary>How long an event is kept for listeners that were away.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = $"{Section}:Keep must be a time span from 00:01:00 to 3650.00:00:00, such as 7.00:00:00.")]
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(7);
}
