namespace CallbackReceiver.Meetings;

/// <summary>A stretch of time, in UTC.</summary>
/// <param name="From">Inclusive; <see cref="DateTime.MinValue"/> is before all time.</param>
/// <param name="To">Exclusive; <see cref="DateTime.MaxValue"/> is after all time.</param>
internal sealed record TimeRange(DateTime From, DateTime To)
{
    public static TimeRange Always { get; } = new(DateTime.MinValue, DateTime.MaxValue);

    /// <returns>The shortest time that has all of these in it.</returns>
    public static TimeRange Around(IReadOnlyList<TimeRange> ranges) => new(ranges.Min(range => range.From), ranges.Max(range => range.To));

    /// <returns>What both have in common; null where that is nothing.</returns>
    public TimeRange? Within(TimeRange other)
    {
        var common = new TimeRange(From > other.From ? From : other.From, To < other.To ? To : other.To);
        return common.From < common.To ? common : null;
    }
}
