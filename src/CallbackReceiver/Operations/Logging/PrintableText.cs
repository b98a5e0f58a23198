using System.Globalization;
using System.Text;

namespace CallbackReceiver.Operations.Logging;

/// <summary>
/// Text that a terminal or a viewer shows as it is. Characters that would end the line, command the terminal, turn the direction of writing or
/// be invisible are written as escapes, so that nobody who chooses a path, a header or a name can forge a line or hide a part of one.
/// </summary>
internal static class PrintableText
{
    /// <summary>Writes what is not printable as <c>\n</c>, <c>\u202E</c> and so on.</summary>
    public static string Of(string text) => IsPrintable(text) ? text : Escaped(text, isJson: false);

    /// <summary>The same for a JSON text whose strings may hold such characters: as JSON's escapes they mean what they meant.</summary>
    public static string OfJson(string json) => IsPrintable(json) ? json : Escaped(json, isJson: true);

    private static bool IsPrintable(string text)
    {
        foreach (var character in text)
        {
            if (character is < ' ' or > '~')
                return false;
        }

        return true;
    }

    private static string Escaped(string text, bool isJson)
    {
        var printable = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var isWhole = Rune.TryGetRuneAt(text, i, out var rune); // else half a surrogate pair
            var length = isWhole ? rune.Utf16SequenceLength : 1;
            if (isWhole && IsPrintable(rune))
                printable.Append(text, i, length);
            else
                Escape(printable, text.AsSpan(i, length), isJson);
            i += length;
        }

        return printable.ToString();
    }

    private static void Escape(StringBuilder printable, ReadOnlySpan<char> characters, bool isJson)
    {
        if (!isJson && characters is ['\n' or '\r' or '\t'])
        {
            printable.Append(characters[0] switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
            return;
        }

        // Half a surrogate pair is no character; a JSON text that escaped it could not be read by all.
        var isHalf = characters.Length == 1 && char.IsSurrogate(characters[0]);
        foreach (var character in isJson && isHalf ? "\uFFFD" : characters)
            printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
