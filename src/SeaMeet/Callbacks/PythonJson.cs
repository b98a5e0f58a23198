using System.Collections;
using System.Globalization;
using System.Text;

namespace SeaMeet;

/// <summary>JSON that stands in a <see cref="PythonJson"/> value as it is.</summary>
internal sealed record RawJson(string Text);

/// <summary>Writes JSON as Python's <c>json.dumps</c> does: <c>", "</c> and <c>": "</c> between, all but ASCII escaped unless told otherwise.</summary>
internal static class PythonJson
{
    public static string Dumps(object? value, bool ensureAscii = true)
    {
        var text = new StringBuilder();
        Write(text, value, ensureAscii);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, bool ensureAscii)
    {
        switch (value)
        {
            case null: text.Append("null"); break;
            case RawJson raw: text.Append(raw.Text); break;
            case bool truth: text.Append(truth ? "true" : "false"); break;
            case string words: WriteString(text, words, ensureAscii); break;
            case IEnumerable<KeyValuePair<string, object?>> members: WriteObject(text, members, ensureAscii); break;
            case IEnumerable list: WriteList(text, list, ensureAscii); break;
            default: text.Append(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private static void WriteObject(StringBuilder text, IEnumerable<KeyValuePair<string, object?>> members, bool ensureAscii)
    {
        var separator = "{";
        foreach (var (name, value) in members)
        {
            text.Append(separator);
            WriteString(text, name, ensureAscii);
            text.Append(": ");
            Write(text, value, ensureAscii);
            separator = ", ";
        }

        text.Append(separator == "{" ? "{}" : "}");
    }

    private static void WriteList(StringBuilder text, IEnumerable list, bool ensureAscii)
    {
        var separator = "[";
        foreach (var value in list)
        {
            text.Append(separator);
            Write(text, value, ensureAscii);
            separator = ", ";
        }

        text.Append(separator == "[" ? "[]" : "]");
    }

    private static void WriteString(StringBuilder text, string words, bool ensureAscii)
    {
        text.Append('"');
        for (var i = 0; i < words.Length; i++)
        {
            var unit = words[i];
            // Raw, a lone surrogate has no UTF-8; Python writes none either.
            var isRaw = !ensureAscii && (!char.IsSurrogate(unit) || (i + 1 < words.Length && char.IsSurrogatePair(words, i)) || (i > 0 && char.IsSurrogatePair(words, i - 1)));
            text.Append(unit switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => Escape(unit),
                < '\x7f' => unit.ToString(),
                _ => isRaw ? unit.ToString() : Escape(unit),
            });
        }

        text.Append('"');
    }

    private static string Escape(char unit) => "\\u" + ((int)unit).ToString("x4", CultureInfo.InvariantCulture);
}
