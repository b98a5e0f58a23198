using System.Globalization;
using CallbackReceiver.Meetings;
using CsCheck;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What RFC 3339 allows is a time, and nothing else is.</summary>
public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00")]
    [InlineData("2026-01-31t08:00:00z", "2026-01-31T08:00:00")]
    [InlineData("2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00")]
    [InlineData("2026-01-31T08:00:00 08:00", "2026-01-31T00:00:00")]
    [InlineData("2026-01-31T08:00:00-00:00", "2026-01-31T08:00:00")]
    [InlineData("2026-01-31T08:00:00-23:59", "2026-02-01T07:59:00")]
    [InlineData("2026-01-31T08:00:00.5Z", "2026-01-31T08:00:00.5")]
    [InlineData("2026-01-31T08:00:00.123456Z", "2026-01-31T08:00:00.123456")]
    [InlineData("2026-01-31T08:00:00.1234560000000000000000Z", "2026-01-31T08:00:00.123456")]
    [InlineData("2026-01-31T08:00:00.12345600000000000000001Z", "2026-01-31T08:00:00.123457")]
    [InlineData("2026-12-31T23:59:59.99999999999Z", "2027-01-01T00:00:00")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00")]
    [InlineData("2016-12-31T15:59:60.25-08:00", "2017-01-01T00:00:00.25")]
    [InlineData("2028-02-29T00:00:00Z", "2028-02-29T00:00:00")]
    [InlineData("0000-02-29T00:00:00Z", "0001-01-01T00:00:00")]
    [InlineData("0000-12-31T23:30:00-01:00", "0001-01-01T00:30:00")]
    [InlineData("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00")]
    [InlineData("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.9999999")]
    [InlineData("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.9999999")]
    public void A_time_is_read(string text, string utc) =>
        Assert.Equal(DateTime.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal), Rfc3339.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T08:00:00")]
    [InlineData("2026-01-31 08:00:00Z")]
    [InlineData("2026-01-31T08:00Z")]
    [InlineData("2026-01-31T08Z")]
    [InlineData("2026-01-31T08:00:00.Z")]
    [InlineData("2026-01-31T08:00:00,5Z")]
    [InlineData("2026-01-31T08:00:00+08")]
    [InlineData("2026-01-31T08:00:00+0800")]
    [InlineData("2026-01-31T08:00:00+8:00")]
    [InlineData("2026-01-31T08:00:00+24:00")]
    [InlineData("2026-01-31T08:00:00+08:60")]
    [InlineData("2026-01-31T08:00:00 Z")]
    [InlineData(" 2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00Z\n")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T08:60:00Z")]
    [InlineData("2026-01-31T08:00:60Z")]
    [InlineData("2026-01-30T23:59:60Z")]
    [InlineData("2026-01-31T23:59:60+08:00")]
    [InlineData("2026-01-31T23:59:61Z")]
    [InlineData("2026-02-30T08:00:00Z")]
    [InlineData("2026-13-01T08:00:00Z")]
    [InlineData("2026-00-01T08:00:00Z")]
    [InlineData("2026-01-00T08:00:00Z")]
    [InlineData("26-01-31T08:00:00Z")]
    [InlineData("+2026-01-31T08:00:00Z")]
    [InlineData("12026-01-31T08:00:00Z")]
    [InlineData("2026-1-31T08:00:00Z")]
    [InlineData("20260131T080000Z")]
    [InlineData("2026-W05-6T08:00:00Z")]
    [InlineData("01/31/2026T08:00:00Z")]
    [InlineData("２０２６-01-31T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00 PM Z")]
    [InlineData("T")]
    public void What_is_no_time_is_not_read(string text) => Assert.Null(Rfc3339.TryParse(text));

    [Fact]
    public void Every_time_is_read_as_it_was_written() =>
        Gen.Select(Gen.DateTime[new DateTime(2, 1, 1), new DateTime(9998, 12, 31)], Gen.Int[-(23 * 60) - 59, (23 * 60) + 59]).Sample((time, minutes) =>
        {
            var whole = new DateTime(time.Ticks / 10 * 10, DateTimeKind.Utc);
            var local = whole.AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
            var offset = TimeSpan.FromMinutes(Math.Abs(minutes)).ToString(@"hh\:mm", CultureInfo.InvariantCulture);
            return Rfc3339.TryParse($"{local}{(minutes < 0 ? '-' : '+')}{offset}") == whole;
        });
}
