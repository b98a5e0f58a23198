using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// What a meeting can be found by, as the hashes that the blocks' index holds: pieces of its text, its traits and their pairs. A hash
/// holds the workspace as well, so that no workspace's terms are in the way of another's. Hashes only say where to look; two terms of one
/// hash cost a look for nothing.
/// </summary>
/// <remarks>
/// The pieces of a text are all its characters and pairs of characters, and for scripts of few characters those of three and four: a pair
/// of letters is in nearly every text, a pair of Chinese characters is a word. No piece goes over white space. What is here is stored:
/// another way to hash needs every block to be opened in a migration.
/// </remarks>
internal readonly struct Terms(string workspaceId)
{
    private const int LongestPiece = 4;

    /// <summary>CJK and what lies beyond: from there on a script has many characters, and a pair of them says much.</summary>
    private const char FirstWide = '\u2E80';

    private readonly long seed = unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(workspaceId.AsSpan())));

    /// <summary>Adds the terms of a meeting.</summary>
    /// <param name="terms">Where to add them.</param>
    /// <param name="traits">The meeting's, in the order of their kinds.</param>
    /// <param name="text">Its folded text.</param>
    public void AddOf(HashSet<int> terms, IReadOnlyList<Trait> traits, ReadOnlySpan<char> text)
    {
        AddPieces(terms, text);
        foreach (var trait in traits)
        {
            terms.Add(Of(trait));

            // In the order of their kinds: whatever the number of speakers, a pair has at most one.
            foreach (var other in traits.TakeWhile(other => other.Kind < trait.Kind))
                terms.Add(Of(other, trait));
        }
    }

    // Unlike a piece, it begins with a control character, which no folded text holds.
    public int Of(Trait trait) => Piece($"\u0001{(int)trait.Kind}{trait.Value}");

    /// <summary>Both at once: each alone may be in nearly every block, both together are not.</summary>
    /// <param name="first">Of the lesser kind.</param>
    /// <param name="second">Of the greater kind.</param>
    public int Of(Trait first, Trait second) => Piece($"\u0001{(int)first.Kind}{first.Value}\u0001{(int)second.Kind}{second.Value}");

    /// <summary>Adds the fewest pieces that say the most of a word: every text that holds the word has all of them.</summary>
    public void AddPiecesToFind(HashSet<int> terms, string word)
    {
        foreach (var range in word.AsSpan().Split(' '))
        {
            var part = word.AsSpan()[range];
            for (int at = 0, covered = 0; covered < part.Length; at++)
            {
                var length = Math.Min(LongestPieceAt(part[at..]), part.Length - at);
                if (at + length <= covered)
                    continue; // it is within the piece before
                terms.Add(Piece(part.Slice(at, length)));
                covered = at + length;
            }
        }
    }

    private void AddPieces(HashSet<int> terms, ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var longest = LongestPieceAt(text[at..]);
            for (var length = 1; length <= longest && at + length <= text.Length && !IsSpace(text[at + length - 1]); length++)
                terms.Add(Piece(text.Slice(at, length)));
        }
    }

    private int Piece(ReadOnlySpan<char> piece) => unchecked((int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(piece), seed));

    /// <summary>How long the longest piece is that begins where the text does, if the text is as long.</summary>
    private static int LongestPieceAt(ReadOnlySpan<char> text)
    {
        var narrow = 0;
        while (narrow < text.Length && narrow < LongestPiece && text[narrow] < FirstWide && !IsSpace(text[narrow]))
            narrow++;
        return Math.Max(narrow, 2);
    }

    private static bool IsSpace(char character) => character is ' ' or FoldedText.Separator;
}
