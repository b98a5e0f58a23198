using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace CallbackReceiver.WebConsole;

/// <summary>The time zone of a reader: ISO dates and 24 hours, in every language.</summary>
internal sealed class ReaderZone(DateTimeZone zone)
{
    private static readonly LocalDatePattern Date = LocalDatePattern.Iso;

    public static ReaderZone Utc { get; } = new(DateTimeZone.Utc);

    public static IEnumerable<string> Names => DateTimeZoneProviders.Tzdb.Ids;

    public DateTimeZone Zone => zone;

    public string Name => zone.Id;

    /// <returns>Null for what is no IANA time zone.</returns>
    public static ReaderZone? TryFind(string? name) =>
        name is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } found && DateTimeZoneProviders.Tzdb.Ids.Contains(name) ? new ReaderZone(found) : null;

    /// <summary>To the minute.</summary>
    public string Minute(DateTime utc) => LocalOf(utc).ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>To the second.</summary>
    public string Second(DateTime utc) => LocalOf(utc).ToString("uuuu-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public LocalDate DayOf(DateTime utc) => LocalOf(utc).Date;

    public DateTime StartOf(LocalDate day) => zone.AtStartOfDay(day).ToDateTimeUtc();

    /// <summary>The first moment of a day, as a date field of a form has it, in RFC 3339.</summary>
    /// <param name="date">What the field has.</param>
    /// <param name="days">How many days later.</param>
    /// <returns>Null where it is no date.</returns>
    public string? StartOf(string date, int days) =>
        Date.Parse(date) is { Success: true, Value: var day } && day.Year is > 1 and < 9999 ? Rfc3339(StartOf(day.PlusDays(days))) : null;

    /// <summary>The day to show in a date field.</summary>
    public string DateOf(DateTime utc) => Date.Format(DayOf(utc));

    public string Rfc3339(DateTime utc) => OffsetDateTimePattern.Rfc3339.Format(Instant.FromDateTimeUtc(utc).InZone(zone).ToOffsetDateTime());

    private LocalDateTime LocalOf(DateTime utc) => Instant.FromDateTimeUtc(utc).InZone(zone).LocalDateTime;
}
