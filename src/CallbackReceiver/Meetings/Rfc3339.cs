using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Meetings;

/// <summary>
/// Times as RFC 3339 writes them, and no others. A space instead of the offset's plus is understood, since that is what a <c>+</c> becomes
/// in a query where it is not written as <c>%2B</c>.
/// </summary>
internal static partial class Rfc3339
{
    /// <summary>What PostgreSQL keeps of a time.</summary>
    private const long TicksPerUnit = TimeSpan.TicksPerMicrosecond;

    private const int DigitsOfUnit = 6;

    /// <summary>After so many years the calendar is the same again.</summary>
    private const int YearsOfCalendar = 400;

    private const long TicksOfCalendar = 146_097 * TimeSpan.TicksPerDay;

    /// <returns>
    /// The time in UTC, the next whole microsecond where it is between two, so that the same stored times are before and after it. Times
    /// beyond the first and the last that .NET knows are these two. Null where it is no time.
    /// </returns>
    public static DateTime? TryParse(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
            return null;
        var (year, month, day) = (Number("year"), Number("month"), Number("day"));
        var (hour, minute, second) = (Number("hour"), Number("minute"), Number("second"));
        if (month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 60)
            return null;
        if (OffsetOf(match) is not { } offset)
            return null;

        var ticks = TicksOf(year, month, day) + new TimeSpan(hour, minute, Math.Min(second, 59)).Ticks - offset.Ticks;
        if (second == 60)
        {
            ticks += TimeSpan.TicksPerSecond; // no clock here shows a leap second: it is the first second after it
            if (!IsBeginningOfMonth(ticks))
                return null;
        }

        ticks += Fraction(match.Groups["fraction"].ValueSpan);
        return ticks < 0 ? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc)
            : ticks > DateTime.MaxValue.Ticks ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)
            : new DateTime(ticks, DateTimeKind.Utc);

        int Number(string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>RFC 3339 has a year 0, and .NET has not.</summary>
    private static int DaysIn(int year, int month) => DateTime.DaysInMonth(year == 0 ? YearsOfCalendar : year, month);

    private static long TicksOf(int year, int month, int day) =>
        year == 0 ? new DateTime(YearsOfCalendar, month, day).Ticks - TicksOfCalendar : new DateTime(year, month, day).Ticks;

    private static TimeSpan? OffsetOf(Match match)
    {
        if (!match.Groups["sign"].Success)
            return TimeSpan.Zero;
        var hours = int.Parse(match.Groups["hours"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        var minutes = int.Parse(match.Groups["minutes"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        if (hours > 23 || minutes > 59)
            return null;
        var offset = new TimeSpan(hours, minutes, 0);
        return match.Groups["sign"].ValueSpan is "-" ? -offset : offset;
    }

    /// <summary>Leap seconds end a month of UTC.</summary>
    private static bool IsBeginningOfMonth(long ticks) =>
        new DateTime((ticks + TicksOfCalendar) % TicksOfCalendar) is { Day: 1 } date && date.TimeOfDay == TimeSpan.Zero;

    private static long Fraction(ReadOnlySpan<char> digits)
    {
        var kept = digits[..Math.Min(digits.Length, DigitsOfUnit)];
        var units = kept.IsEmpty ? 0 : long.Parse(kept, NumberStyles.None, CultureInfo.InvariantCulture) * (long)Math.Pow(10, DigitsOfUnit - kept.Length);
        return (units + (digits[kept.Length..].ContainsAnyExcept('0') ? 1 : 0)) * TicksPerUnit;
    }

    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt](?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(\.(?<fraction>[0-9]+))?([Zz]|(?<sign>[-+ ])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
