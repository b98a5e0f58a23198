using System.Globalization;
using System.Text;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Calls in English.</summary>
internal sealed class EnglishCalls : ICallLanguage
{
    private readonly ZipfWords subjects = new(EnglishVocabulary.Subjects.Select(EnglishVocabulary.Spaced));
    private readonly ZipfWords auxiliaries = new(EnglishVocabulary.Auxiliaries.Select(EnglishVocabulary.Spaced));
    private readonly ZipfWords prepositions = new(EnglishVocabulary.Prepositions);
    private readonly ZipfWords determiners = new(EnglishVocabulary.Determiners);
    private readonly ZipfWords connectives = new(EnglishVocabulary.Connectives);
    private readonly ZipfWords fillers = new(EnglishVocabulary.Fillers);
    private readonly ZipfWords times = new(EnglishVocabulary.Times.Select(EnglishVocabulary.Spaced));
    private readonly ZipfWords verbs = new(EnglishVocabulary.Verbs);
    private readonly ZipfWords verbForms = new(EnglishVocabulary.VerbForms);
    private readonly ZipfWords nouns = new(EnglishVocabulary.NounForms);
    private readonly ZipfWords adjectives = new(EnglishVocabulary.Adjectives);
    private readonly ZipfWords names = new(EnglishVocabulary.Names);
    private readonly ZipfWords matters = new(EnglishVocabulary.Matters);
    private readonly ZipfWords risks = new(EnglishVocabulary.Risks);
    private readonly ZipfWords[] nounsOfSubject = TextParts.BySubject(EnglishVocabulary.NounForms);

    public IReadOnlyList<SoughtText> Sought { get; } =
        [new("documents", 0.8), new("refund", 0.1), new("typhoon", 0.01), new("lavender", 0.001), new("obelisk", 0.0001), new("second reminder letter", 0.05)];

    public string Customer => "customer";

    public string Supervisor => "supervisor";

    public string Agent(int number) => string.Create(CultureInfo.InvariantCulture, $"agent {number:000}");

    public string Title(Random random, int subject) => TextParts.Capitalized(nounsOfSubject[subject].Next(random)) + " " + matters.Next(random);

    public string Risk(Random random) => risks.Next(random);

    public void AppendSentence(StringBuilder text, Random random, int subject, string? about = null)
    {
        if (text.Length > 0)
            text.Append(' ');
        var start = text.Length;
        if (random.Chance(0.3))
            text.Append(fillers.Next(random)).Append(", ");
        AppendClause(text, random, subject, about);
        if (random.Chance(0.4))
        {
            text.Append(random.Chance(0.5) ? ", " : " ").Append(connectives.Next(random)).Append(' ');
            AppendClause(text, random, subject, about: null);
        }

        text.Append(random.Chance(0.2) ? '?' : '.');
        text[start] = char.ToUpperInvariant(text[start]);
    }

    private void AppendClause(StringBuilder text, Random random, int subject, string? about)
    {
        text.Append(subjects.Next(random)).Append(' ');
        if (random.Chance(0.6))
            text.Append(auxiliaries.Next(random)).Append(' ').Append(verbs.Next(random));
        else
            text.Append(verbForms.Next(random));
        AppendThing(text.Append(' '), random, subject, about);
        if (random.Chance(0.35))
            AppendThing(text.Append(' ').Append(prepositions.Next(random)).Append(' '), random, subject, about: null);
        if (random.Chance(0.25))
            text.Append(' ').Append(times.Next(random));
    }

    private void AppendThing(StringBuilder text, Random random, int subject, string? about)
    {
        text.Append(determiners.Next(random)).Append(' ');
        if (random.Chance(0.3))
            text.Append(adjectives.Next(random)).Append(' ');
        _ = about is not null ? text.Append(about) : random.NextDouble() switch
        {
            < 0.50 => text.Append(nounsOfSubject[subject].Next(random)),
            < 0.92 => text.Append(nouns.Next(random)),
            < 0.96 => text.Append(names.Next(random)).Append(' ').Append(nouns.Next(random)),
            < 0.98 => text.Append(random.Next(2, 9999)).Append(" dollars"),
            _ => text.AppendCode(random),
        };
    }
}
