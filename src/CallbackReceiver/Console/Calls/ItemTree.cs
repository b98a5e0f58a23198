using System.Text.Json;
using CallbackReceiver.Answers;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>
/// JSON as a tree for people. It is written token by token, so that however deeply it is nested takes no stack; what is deeper than anybody reads
/// is shown as it was sent.
/// </summary>
internal static class ItemTree
{
    private const int MaxDepth = 8;

    public static Html Of(JsonText json)
    {
        var utf8 = json.Utf8.Span;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        Html tree = $"";
        var arrays = new Stack<bool>();
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                arrays.Pop();
                tree.AppendLiteral(reader.TokenType == JsonTokenType.EndArray ? "</ul>" : "</dl>");
                Close(tree, arrays);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName)
            {
                tree.AppendFormatted($"<dt>{reader.GetString()}</dt><dd>");
            }
            else
            {
                AppendValue(tree, ref reader, utf8, arrays);
            }
        }

        return tree;
    }

    private static void AppendValue(Html tree, ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, Stack<bool> arrays)
    {
        if (arrays.TryPeek(out var isInArray) && isInArray)
            tree.AppendLiteral("<li>");
        var isContainer = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        if (isContainer && arrays.Count < MaxDepth)
        {
            arrays.Push(reader.TokenType == JsonTokenType.StartArray);
            tree.AppendLiteral(reader.TokenType == JsonTokenType.StartArray ? "<ul class=\"items\">" : "<dl class=\"items\">");
            return;
        }

        var start = (int)reader.TokenStartIndex;
        if (isContainer)
            reader.Skip();
        if (reader.TokenType == JsonTokenType.String)
            tree.AppendFormatted($"<span class=\"text\">{reader.GetString()}</span>");
        else
            tree.AppendFormatted($"<code>{System.Text.Encoding.UTF8.GetString(utf8[start..(int)reader.BytesConsumed])}</code>");
        Close(tree, arrays);
    }

    /// <summary>Ends the element around a value, where it stands in one.</summary>
    private static void Close(Html tree, Stack<bool> arrays)
    {
        if (arrays.TryPeek(out var isInArray))
            tree.AppendLiteral(isInArray ? "</li>" : "</dd>");
    }
}
