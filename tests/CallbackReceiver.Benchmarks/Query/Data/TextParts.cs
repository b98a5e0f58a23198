using System.Text;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>What both languages share.</summary>
internal static class TextParts
{
    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    /// <summary>A code as orders and cases have it.</summary>
    public static StringBuilder AppendCode(this StringBuilder text, Random random) =>
        text.Append((char)random.Next('A', 'Z' + 1)).Append((char)random.Next('A', 'Z' + 1)).Append(random.Next(1_000_000, 10_000_000));

    public static string Capitalized(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    /// <summary>Deals the nouns out to the subjects.</summary>
    public static ZipfWords[] BySubject(IReadOnlyCollection<string> nouns) =>
        [.. Enumerable.Range(0, ICallLanguage.Subjects).Select(subject => new ZipfWords(nouns.Where((_, index) => index % ICallLanguage.Subjects == subject)))];
}
