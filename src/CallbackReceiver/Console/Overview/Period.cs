using CallbackReceiver.Meetings;
using NodaTime;

namespace CallbackReceiver.WebConsole.Overview;

/// <summary>The days that an overview is of, today being the last, and as long a time before.</summary>
/// <param name="Days">How many days.</param>
/// <param name="Current">The time of these days until now.</param>
/// <param name="Before">The same time so many days earlier.</param>
internal sealed record Period(int Days, TimeRange Current, TimeRange Before)
{
    public const string Parameter = "period";

    /// <summary>From here on a bar is a week.</summary>
    private const int LongDays = 90;

    private const int DefaultDays = 28;

    public static readonly int[] Choices = [7, DefaultDays, LongDays];

    public bool IsByWeek => Days >= LongDays;

    public static string NameOf(int days) => $"{days}d";

    public static Period Of(string? name, ReaderZone zone, DateTime now)
    {
        var days = Array.Find(Choices, choice => NameOf(choice) == name);
        if (days == 0)
            days = DefaultDays;
        var first = zone.DayOf(now).PlusDays(1 - days);
        var start = zone.StartOf(first);
        return new Period(days, new TimeRange(start, now), new TimeRange(zone.StartOf(first.PlusDays(-days)), now - Duration.FromDays(days).ToTimeSpan()));
    }
}
