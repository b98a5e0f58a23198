using System.Globalization;

namespace CallbackReceiver.WebConsole;

/// <summary>Figures as people read them, in every language.</summary>
internal static class Numbers
{
    public static string Of(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share in percent; a dash where there is nothing to share.</summary>
    public static string Percent(long part, long whole) => whole == 0 ? "–" : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>With its sign, also where it is positive.</summary>
    public static string Signed(double number, string format) => (number >= 0 ? "+" : "−") + Math.Abs(number).ToString(format, CultureInfo.InvariantCulture);
}
