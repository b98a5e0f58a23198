namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// What a reader searches for: words, all of which must occur, each anywhere in the text, within longer words as well. Words between double
/// quotes are one phrase, in whichever form the quotes were typed; a quote that is never closed begins one that goes to the end. A quote
/// within a word stands for itself, as every other character does: <c>24" screen</c> are two words.
/// </summary>
internal sealed class SearchQuery
{
    public const int MaxLength = 200;
    public const int MaxWords = 20;

    private const char Quote = '"';

    private SearchQuery(IReadOnlyList<string> words) => Words = words;

    /// <summary>Words and phrases, folded.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <returns>Null where there is nothing to search for, too much, or what no text can hold.</returns>
    public static SearchQuery? TryParse(string text)
    {
        if (text.Length > MaxLength || text.Contains('\0', StringComparison.Ordinal))
            return null;
        var words = WordsOf(FoldedText.Of(text)).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return words.Count is 0 or > MaxWords ? null : new SearchQuery(words);
    }

    private static IEnumerable<string> WordsOf(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var isPhrase = text[at] == Quote;
            var start = isPhrase ? at + 1 : at;
            var end = text.IndexOf(isPhrase ? Quote : ' ', start);
            if (end < 0)
                end = text.Length;
            yield return text[start..end].Trim(' ');
            at = end + 1;
        }
    }
}
