using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace CallbackReceiver.WebConsole;

/// <summary>
/// A piece of HTML, written as an interpolated string. What stands in the holes is always encoded text, or another piece, never markup: a page
/// cannot forget to encode. Attributes are always quoted, and what is a URL is always made by the console itself.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html
{
    /// <summary>With all of Unicode, or each Chinese character would be eight bytes.</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder text;

    public Html(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + (formattedCount * 24));

    /// <summary>No HTML.</summary>
    public static Html Nothing => $"";

    public bool IsNothing => text.Length == 0;

    /// <summary>Appends markup of this program's own.</summary>
    public void AppendLiteral(string own) => text.Append(own);

    public void AppendFormatted(string? value) => text.Append(Encoder.Encode(value ?? ""));

    public void AppendFormatted(long value) => text.Append(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A coordinate.</summary>
    public void AppendFormatted(double value) => text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));

    public void AppendFormatted(Html? part) => text.Append(part?.text);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (var part in parts)
            text.Append(part.text);
    }

    public override string ToString() => text.ToString();
}
