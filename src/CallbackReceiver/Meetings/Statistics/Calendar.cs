using NodaTime;
using NodaTime.TimeZones;

namespace CallbackReceiver.Meetings.Statistics;

/// <summary>Days, weeks or months of a time zone. A day has 23 or 25 hours where the zone's clocks change.</summary>
internal sealed class Calendar
{
    /// <summary>The most intervals that a time may be cut into: days of nearly three years.</summary>
    public const int MaxIntervals = 1000;

    private const string Day = "day";
    private const string Week = "week";
    private const string Month = "month";
    private const string Utc = "UTC";

    private static readonly QueryParameter IntervalParameter = new("interval", $"`{Day}` unless given; a week begins on Monday.", $"expected {Day}, {Week} or {Month}")
    { Values = [Day, Week, Month] };

    private static readonly QueryParameter TimeZoneParameter = new(
        "time_zone", $"The IANA time zone whose days are counted, such as `Asia/Taipei`; {Utc} unless given.", "expected the name of an IANA time zone");

    public static readonly QueryParameter[] Parameters = [IntervalParameter, TimeZoneParameter];

    private static ZoneLocalMappingResolver EarlierOrAfterGap => Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    private readonly DateTimeZone zone;

    private Calendar(string interval, DateTimeZone zone) => (Interval, this.zone) = (interval, zone);

    public string Interval { get; }

    public string TimeZone => zone.Id;

    /// <summary>The days or weeks of a time zone.</summary>
    public static Calendar Of(DateTimeZone zone, bool byWeek) => new(byWeek ? Week : Day, zone);

    public static Calendar Read(QueryReader query)
    {
        var interval = query.ReadText(IntervalParameter, IntervalParameter.Values!.Contains) ?? Day;
        var zone = query.ReadText(TimeZoneParameter, DateTimeZoneProviders.Tzdb.Ids.Contains) ?? Utc;
        return new Calendar(interval, DateTimeZoneProviders.Tzdb[zone]);
    }

    /// <summary>Refuses a time that would be cut into too many intervals.</summary>
    public static void RefuseTooMany(QueryReader query) =>
        query.Refuse(IntervalParameter, $"expected an interval that cuts the time into {MaxIntervals} parts at most");

    /// <summary>The intervals that the time touches.</summary>
    /// <returns>The moments at which they begin and end, one more than there are intervals; null where they are too many.</returns>
    public IReadOnlyList<DateTimeOffset>? Cut(DateTime from, DateTime to)
    {
        var end = Instant.FromDateTimeUtc(to);
        var first = FirstDayOfInterval(Instant.FromDateTimeUtc(from).InZone(zone).Date);
        var bounds = new List<DateTimeOffset> { StartOf(first).ToDateTimeOffset() };
        for (var number = 1; StartOf(Add(first, number - 1)).ToInstant() < end; number++)
        {
            if (bounds.Count > MaxIntervals)
                return null;
            var next = StartOf(Add(first, number)).ToDateTimeOffset();
            if (next > bounds[^1])
                bounds.Add(next);
        }

        return bounds;
    }

    /// <summary>Where there is no midnight the day begins after the gap; so does a day that is all gap, as there was one in Samoa.</summary>
    private ZonedDateTime StartOf(LocalDate date) => zone.ResolveLocal(date.AtMidnight(), EarlierOrAfterGap);

    private LocalDate FirstDayOfInterval(LocalDate date) => Interval switch
    {
        Week => date.PlusDays(1).Previous(IsoDayOfWeek.Monday),
        Month => new LocalDate(date.Year, date.Month, 1),
        _ => date,
    };

    private LocalDate Add(LocalDate first, int intervals) => Interval switch
    {
        Week => first.PlusWeeks(intervals),
        Month => first.PlusMonths(intervals),
        _ => first.PlusDays(intervals),
    };
}
