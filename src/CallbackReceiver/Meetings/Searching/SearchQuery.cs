namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// What a reader searches for: words, all of which must occur, each anywhere in the text, within longer words as well. Words between double
/// quotes are one phrase. Every other character stands for itself, and so does a quote that does not begin or does not end a phrase.
/// </summary>
internal sealed class SearchQuery
{
    public const int MaxLength = 200;
    public const int MaxWords = 20;

    private SearchQuery(IReadOnlyList<string> words) => Words = words;

    /// <summary>Words and phrases, folded.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <returns>Null where there is nothing to search for, too much, or what no text can hold.</returns>
    public static SearchQuery? TryParse(string text)
    {
        if (text.Length > MaxLength || text.Contains('\0', StringComparison.Ordinal))
            return null;
        var words = WordsOf(FoldedText.Of(text)).Distinct(StringComparer.Ordinal).ToList();
        return words.Count is 0 or > MaxWords ? null : new SearchQuery(words);
    }

    private static IEnumerable<string> WordsOf(string text)
    {
        for (var rest = text.AsMemory(); !rest.IsEmpty;)
        {
            var (word, length) = TakePhrase(rest.Span) ?? TakeWord(rest.Span);
            if (word.Length > 0)
                yield return word;
            rest = rest[Math.Min(length + 1, rest.Length)..];
        }
    }

    private static (string Word, int Length)? TakePhrase(ReadOnlySpan<char> text)
    {
        if (text[0] != '"')
            return null;
        var end = text.IndexOf("\" ", StringComparison.Ordinal);
        if (end <= 0 && text.Length > 1 && text[^1] == '"')
            end = text.Length - 1;
        return end > 1 ? (text[1..end].Trim().ToString(), end + 1) : null;
    }

    private static (string Word, int Length) TakeWord(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        var length = end < 0 ? text.Length : end;
        return (text[..length].ToString(), length);
    }
}
