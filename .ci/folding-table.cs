#:property PublishAot=false

// Writes src/CallbackReceiver/Meetings/Searching/folding.txt, by which search folds characters, from the Unicode character database:
//   dotnet run .ci/folding-table.cs -- /usr/share/unicode     (Debian's package unicode-data, or https://www.unicode.org/Public/VERSION/ucd)
// A table of another version folds some characters otherwise: the number in FoldedText.Version goes up with it, and a migration says so.

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

const int HangulFirst = 0xAC00, HangulLast = 0xD7A3;
var database = args[0];

var classes = new SortedDictionary<int, int>();
var decompositions = new SortedDictionary<int, int[]>();
foreach (var line in Lines("UnicodeData.txt"))
{
    var codePoint = Hex(line[0]);
    if (line[3] != "0")
        classes[codePoint] = int.Parse(line[3], CultureInfo.InvariantCulture);
    if (line[5].Length > 0 && line[5][0] != '<')
        decompositions[codePoint] = Sequence(line[5]);
}

// Case, compatibility forms and what is ignored, all at once. The mapping of a character is its own NFKC.
var maps = new SortedDictionary<int, int[]>();
var excluded = new HashSet<int>();
foreach (var line in Lines("DerivedNormalizationProps.txt"))
{
    var target = line[1] == "NFKC_CF" ? Sequence(line[2]) : null;
    foreach (var codePoint in Range(line[0]).Where(codePoint => codePoint is < HangulFirst or > HangulLast))
    {
        if (target is not null)
            maps[codePoint] = target;
        else if (line[1] == "Full_Composition_Exclusion")
            excluded.Add(codePoint);
    }
}

// What search does beyond Unicode: quotes are typed in many forms, and so is the i of Turkish.
var own = new Dictionary<int, int>();
foreach (var quote in "\u2018\u2019\u201A\u201B\u2039\u203A\u02BC\u00B4\u1FFD")
    own[quote] = '\'';
foreach (var quote in "\u201C\u201D\u201E\u201F\u00AB\u00BB\u301D\u301E\u301F")
    own[quote] = '"';
own[0x0131] = 'i';
maps[0x0130] = ['i'];
foreach (var (codePoint, target) in maps.ToList())
    maps[codePoint] = [.. target.Select(part => own.GetValueOrDefault(part, part))];
foreach (var (codePoint, target) in own)
    maps[codePoint] = [target];

// White space has its own rule.
foreach (var line in Lines("PropList.txt").Where(line => line[1] == "White_Space"))
{
    foreach (var codePoint in Range(line[0]))
        maps.Remove(codePoint);
}

// The characters that two others are composed to; all three are folded.
var pairs = decompositions.Where(composed => composed.Value.Length == 2 && !excluded.Contains(composed.Key) && !maps.ContainsKey(composed.Key)).ToList();
if (pairs.Exists(pair => pair.Value.Any(maps.ContainsKey)) || maps.Values.Any(target => target.Any(maps.ContainsKey)))
    throw new InvalidOperationException("Folded characters are not all folded.");

var text = new StringBuilder();
text.Append(CultureInfo.InvariantCulture, $"# How search folds the characters of {File.ReadLines(Path.Combine(database, "DerivedNormalizationProps.txt")).First()[2..].Replace("DerivedNormalizationProps-", "Unicode ", StringComparison.Ordinal).Replace(".txt", "", StringComparison.Ordinal)}.\n");
text.Append("# Written by .ci/folding-table.cs, which says what is Unicode's and what is not. Read by FoldingTable. All numbers are hexadecimal.\n");

Section("dropped", "first-last", Runs(maps.Where(map => map.Value.Length == 0).Select(map => (map.Key, 0)), 0).Select(run => run.Name));
Section("mapped", "characters>what they are folded to: each of first-last to one after the other, each second one of first~last to each second one",
    Runs(maps.Where(map => map.Value.Length == 1).Select(map => (map.Key, map.Value[0])), 1).Select(run => $"{run.Name}>{run.Value:X}")
    .Concat(maps.Where(map => map.Value.Length > 1).Select(map => $"{map.Key:X}>{string.Join('+', map.Value.Select(part => part.ToString("X", CultureInfo.InvariantCulture)))}")));
Section("marks", "combining characters:class", Runs(classes.Where(mark => !maps.ContainsKey(mark.Key)).Select(mark => (mark.Key, mark.Value)), 0).Select(run => $"{run.Name}:{run.Value:X}"));
Section("pairs", "first+second>composed", pairs.Select(pair => $"{pair.Value[0]:X}+{pair.Value[1]:X}>{pair.Key:X}"));
File.WriteAllText(Path.Combine(Root(), "src/CallbackReceiver/Meetings/Searching/folding.txt"), text.ToString());

void Section(string name, string form, IEnumerable<string> entries)
{
    text.Append(CultureInfo.InvariantCulture, $"\n[{name}] {form}\n");
    var length = 0;
    foreach (var entry in entries)
    {
        if (length + entry.Length > 150)
        {
            text.Append('\n');
            length = 0;
        }
        else if (length > 0)
        {
            text.Append(' ');
        }

        text.Append(entry);
        length += entry.Length + 1;
    }

    text.Append('\n');
}

// Stretches whose values go up by the step as the characters do by one, or by two where both do.
static List<(string Name, int Value)> Runs(IEnumerable<(int Key, int Value)> entries, int step)
{
    var all = entries.ToList();
    var runs = new List<(string, int)>();
    for (var at = 0; at < all.Count;)
    {
        var one = Length(1);
        var two = step == 0 ? 1 : Length(2);
        var length = Math.Max(one, two);
        var last = all[at + length - 1].Key;
        runs.Add((length == 1 ? $"{all[at].Key:X}" : $"{all[at].Key:X}{(one >= two ? '-' : '~')}{last:X}", all[at].Value));
        at += length;

        int Length(int distance)
        {
            var end = at + 1;
            while (end < all.Count && all[end].Key == all[end - 1].Key + distance && all[end].Value == all[end - 1].Value + (distance * step))
                end++;
            return end - at;
        }
    }

    return runs;
}

IEnumerable<string[]> Lines(string file) =>
    from line in File.ReadLines(Path.Combine(database, file))
    let fields = line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries)
    where fields.Length > 1
    select fields;

static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

static int[] Sequence(string codePoints) => [.. codePoints.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Hex)];

static IEnumerable<int> Range(string range)
{
    var bounds = range.Split("..");
    return Enumerable.Range(Hex(bounds[0]), Hex(bounds[^1]) - Hex(bounds[0]) + 1);
}

static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;
