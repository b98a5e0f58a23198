using System.Globalization;

namespace CallbackReceiver.Benchmarks.Reports;

/// <summary>How the reports write figures; what is not known stays empty.</summary>
internal static class Figures
{
    public static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    public static string Number(double? number) => number is { } known ? Line($"{known:N0}") : "";

    public static string Ratio(double? ratio) => ratio is { } known ? Line($"{known:N2}") : "";

    /// <summary>In millions of bytes.</summary>
    public static string Megabytes(long? bytes) => Number(bytes / 1e6);

    public static string Milliseconds(TimeSpan? time) => time is { } known ? Line($"{known.TotalMilliseconds:N1}") : "";

    public static string Met(bool met) => met ? "met" : "missed";
}
