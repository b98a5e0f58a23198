using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// What a meeting can be found by, as the hashes that a segment holds: the n-grams of its text, and its traits. Two terms of one hash cost a look
/// for nothing. Hashes differ from workspace to workspace, so that nobody who can read them tells that two workspaces talk of the same.
/// </summary>
/// <remarks>
/// The n-grams of a text are its characters, the pairs of them, and where a script has many characters those of three, where it has few those of
/// three and four: a pair of letters is in nearly every text, a pair of Chinese characters is a word. No n-gram goes over white space. What is here
/// is stored: another way to hash needs every block to be opened in a migration.
/// </remarks>
internal readonly struct Terms(string workspaceId)
{
    private const int LongestNarrow = 4;
    private const int LongestWide = 3;

    /// <summary>CJK and what lies beyond: from there on a script has many characters, and a pair of them says much.</summary>
    private const char FirstWide = '\u2E80';

    private readonly long seed = unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(workspaceId.AsSpan())));

    /// <summary>Adds the terms of a meeting.</summary>
    /// <param name="segment">Where to add them.</param>
    /// <param name="traits">The meeting's.</param>
    /// <param name="text">Its folded text.</param>
    public void AddOf(SegmentBuilder segment, IEnumerable<Trait> traits, ReadOnlySpan<char> text)
    {
        AddNGrams(segment, text);
        foreach (var trait in traits)
            segment.Add(Of(trait));
    }

    public int Of(Trait trait) => unchecked((int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{(int)trait.Kind}{trait.Value}".AsSpan()), seed));

    /// <summary>Adds the longest n-grams of a word: every text that holds the word has all of them.</summary>
    public void AddNGramsToFind(HashSet<int> terms, string word)
    {
        foreach (var range in word.AsSpan().Split(' '))
        {
            var part = word.AsSpan()[range];
            for (int at = 0, covered = 0; covered < part.Length; at++)
            {
                var length = Math.Min(LongestAt(part[at..]), part.Length - at);
                if (at + length <= covered)
                    continue; // it is within the one before
                terms.Add(HashOf(part.Slice(at, length)));
                covered = at + length;
            }
        }
    }

    private void AddNGrams(SegmentBuilder segment, ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var longest = LongestAt(text[at..]);
            var nGram = 0ul;
            for (var length = 1; length <= longest && at + length <= text.Length && !IsSpace(text[at + length - 1]); length++)
            {
                nGram = (nGram << 16) | text[at + length - 1];
                segment.Add(HashOf(nGram));
            }
        }
    }

    private int HashOf(ReadOnlySpan<char> nGram)
    {
        var all = 0ul;
        foreach (var character in nGram)
            all = (all << 16) | character;
        return HashOf(all);
    }

    /// <summary>The hash of up to four characters, of 16 bits each. Two multiplications spread every bit over all.</summary>
    private int HashOf(ulong nGram)
    {
        var hash = unchecked((nGram ^ (ulong)seed) * 0x9E3779B97F4A7C15);
        hash = unchecked((hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93);
        return unchecked((int)(hash ^ (hash >> 32)));
    }

    /// <summary>How long the longest n-gram is that begins where the text does, if the text is as long.</summary>
    private static int LongestAt(ReadOnlySpan<char> text)
    {
        var isWide = text[0] >= FirstWide;
        var longest = isWide ? LongestWide : LongestNarrow;
        var same = 0;
        while (same < text.Length && same < longest && text[same] >= FirstWide == isWide && !IsSpace(text[same]))
            same++;
        return Math.Max(same, 2);
    }

    private static bool IsSpace(char character) => character is ' ' or FoldedText.Separator;
}
