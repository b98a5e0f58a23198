using System.Globalization;
using System.Runtime.InteropServices;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// What folding does to each character: the data of <c>folding.txt</c>, which names the version of Unicode. .NET has no full case folding, and
/// without ICU (<c>InvariantGlobalization</c>) it does not normalise either.
/// </summary>
internal sealed class FoldingTable
{
    /// <summary>The character stays as it is, and has nothing to do with the one before.</summary>
    public const int Plain = 0;

    public const int Space = 1;

    /// <summary>A half of a character: only both together say what it is.</summary>
    public const int Surrogate = 2;

    private const int FirstAction = 3;
    private const int PageLength = 0x100;
    private const int CodePoints = 0x110000;
    private const char HangulFirst = '\uAC00', HangulLast = '\uD7A3', LeadFirst = '\u1100', LeadLast = '\u1112', VowelFirst = '\u1161', VowelLast = '\u1175', TrailBase = '\u11A7', TrailLast = '\u11C2';
    private const int Vowels = VowelLast - VowelFirst + 1, Trails = TrailLast - TrailBase + 1;

    /// <summary>Where the codes of each page of 256 characters begin. Pages on which all is plain share the first one.</summary>
    private readonly ushort[] pages = new ushort[CodePoints / PageLength];

    private readonly List<ushort> codeList = [.. new ushort[PageLength]];
    private readonly ushort[] codes;
    private readonly List<CharacterAction> actions = [];
    private readonly Dictionary<CharacterAction, ushort> codesOfActions = [];
    private readonly Dictionary<(int First, int Second), int> composed = [];
    private readonly Dictionary<int, (int First, int Second)> decomposed = [];

    private FoldingTable(TextReader data)
    {
        for (var character = 0; character <= char.MaxValue; character++)
        {
            if (char.IsSurrogate((char)character))
                Set(character, Surrogate);
            else if (char.IsWhiteSpace((char)character))
                Set(character, Space);
            else if (character is (>= VowelFirst and <= VowelLast) or (> TrailBase and <= TrailLast))
                Set(character, CodeOf(CharacterAction.Mark(0)));
        }

        Read(data);
        codes = [.. codeList];
    }

    public static FoldingTable Instance { get; } = Load();

    /// <returns><see cref="Plain"/>, <see cref="Space"/>, <see cref="Surrogate"/>, or what <see cref="ActionOf"/> knows.</returns>
    public int CodeOf(int codePoint) => codes[pages[codePoint / PageLength] + (codePoint % PageLength)];

    public CharacterAction ActionOf(int code) => actions[code - FirstAction];

    /// <summary>The canonical combining class of a folded character.</summary>
    public int ClassOf(int codePoint) => CodeOf(codePoint) is >= FirstAction and var code ? actions[code - FirstAction].Class : 0;

    /// <returns>The character that both are together; null where they stay two.</returns>
    public int? Compose(int first, int second) => (first, second) switch
    {
        ( >= LeadFirst and <= LeadLast, >= VowelFirst and <= VowelLast) => HangulFirst + ((((first - LeadFirst) * Vowels) + second - VowelFirst) * Trails),
        ( >= HangulFirst and <= HangulLast, > TrailBase and <= TrailLast) when (first - HangulFirst) % Trails == 0 => first + second - TrailBase,
        _ => composed.TryGetValue((first, second), out var both) ? both : null,
    };

    /// <returns>The two that the character is composed of; null where it is not.</returns>
    public (int First, int Second)? Decompose(int codePoint)
    {
        if (codePoint is < HangulFirst or > HangulLast)
            return decomposed.TryGetValue(codePoint, out var parts) ? parts : null;
        var syllable = codePoint - HangulFirst;
        var trail = syllable % Trails;
        return trail > 0
            ? (codePoint - trail, TrailBase + trail)
            : (LeadFirst + (syllable / Trails / Vowels), VowelFirst + (syllable / Trails % Vowels));
    }

    private static FoldingTable Load()
    {
        using var data = new StreamReader(typeof(FoldingTable).Assembly.GetManifestResourceStream("folding.txt")!);
        return new FoldingTable(data);
    }

    private void Read(TextReader data)
    {
        var section = "";
        while (data.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
                section = line[1..line.IndexOf(']', StringComparison.Ordinal)];
            else if (line.Length > 0 && line[0] != '#')
                Array.ForEach(line.Split(' '), entry => ReadEntry(section, entry));
        }
    }

    private void ReadEntry(string section, string entry)
    {
        var (characters, value) = entry.IndexOfAny(['>', ':']) is >= 0 and var at ? (entry[..at], entry[(at + 1)..]) : (entry, "");
        switch (section)
        {
            case "dropped":
                SetEach(characters, _ => CharacterAction.Fold(""));
                break;
            case "mapped" when value.Contains('+', StringComparison.Ordinal):
                SetEach(characters, _ => CharacterAction.Fold(string.Concat(value.Split('+').Select(part => char.ConvertFromUtf32(Hex(part))))));
                break;
            case "mapped":
                SetEach(characters, distance => CharacterAction.Fold(char.ConvertFromUtf32(Hex(value) + distance)));
                break;
            case "marks":
                SetEach(characters, _ => CharacterAction.Mark((byte)Hex(value)));
                break;
            case "pairs":
                AddPair(characters.Split('+'), Hex(value));
                break;
        }
    }

    private void AddPair(string[] parts, int both)
    {
        var (first, second) = (Hex(parts[0]), Hex(parts[1]));
        composed.Add((first, second), both);
        decomposed.Add(both, (first, second));
        if (codeList[pages[second / PageLength] + (second % PageLength)] == Plain)
            Set(second, CodeOf(CharacterAction.Mark(0)));
    }

    private void SetEach(string characters, Func<int, CharacterAction> action)
    {
        var bounds = characters.Split('-', '~');
        var first = Hex(bounds[0]);
        for (var character = first; character <= Hex(bounds[^1]); character += characters.Contains('~', StringComparison.Ordinal) ? 2 : 1)
            Set(character, CodeOf(action(character - first)));
    }

    private void Set(int codePoint, int code)
    {
        ref var page = ref pages[codePoint / PageLength];
        if (page == 0)
        {
            page = (ushort)codeList.Count;
            codeList.AddRange(new ushort[PageLength]);
        }

        codeList[page + (codePoint % PageLength)] = (ushort)code;
    }

    private int CodeOf(CharacterAction action)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(codesOfActions, action, out var isKnown);
        if (!isKnown)
        {
            actions.Add(action);
            code = (ushort)(FirstAction + actions.Count - 1);
        }

        return code;
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <summary>What is to be done with a character that does not stay as it is, or not alone.</summary>
/// <param name="Target">What it is folded to; null for a mark, which stays, and may be composed with the character before.</param>
/// <param name="Class">A mark's canonical combining class.</param>
internal readonly record struct CharacterAction(string? Target, byte Class)
{
    public static CharacterAction Fold(string target) => new(target, 0);

    public static CharacterAction Mark(byte combiningClass) => new(null, combiningClass);
}
