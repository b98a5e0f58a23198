using System.Globalization;
using System.Text;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Calls in Chinese as spoken in Taiwan: no spaces, some Latin words, a long tail of names.</summary>
internal sealed class ChineseCalls : ICallLanguage
{
    private readonly ZipfWords subjects = new(ChineseVocabulary.Subjects);
    private readonly ZipfWords times = new(ChineseVocabulary.Times);
    private readonly ZipfWords adverbs = new(ChineseVocabulary.Adverbs);
    private readonly ZipfWords verbs = new(ChineseVocabulary.Verbs);
    private readonly ZipfWords nouns = new(ChineseVocabulary.Nouns);
    private readonly ZipfWords adjectives = new(ChineseVocabulary.Adjectives);
    private readonly ZipfWords fillers = new(ChineseVocabulary.Fillers);
    private readonly ZipfWords particles = new(ChineseVocabulary.Particles);
    private readonly ZipfWords latin = new(ChineseVocabulary.Latin);
    private readonly ZipfWords places = new(ChineseVocabulary.Places);
    private readonly ZipfWords roads = new(ChineseVocabulary.Roads);
    private readonly ZipfWords surnames = new(ChineseVocabulary.Surnames);
    private readonly ZipfWords nameCharacters = new(ChineseVocabulary.NameCharacters);
    private readonly ZipfWords matters = new(ChineseVocabulary.Matters);
    private readonly ZipfWords risks = new(ChineseVocabulary.Risks);
    private readonly ZipfWords[] nounsOfSubject = TextParts.BySubject(ChineseVocabulary.Nouns);

    public IReadOnlyList<SoughtText> Sought { get; } =
        [new("文件", 0.8), new("補件", 0.1), new("颱風", 0.01), new("鑰匙", 0.001), new("琥珀", 0.0001), new("客戶需要", 0.05)];

    public string Customer => "客戶";

    public string Supervisor => "主管";

    public string Agent(int number) => string.Create(CultureInfo.InvariantCulture, $"客服{number:000}");

    public string Title(Random random, int subject) => nounsOfSubject[subject].Next(random) + matters.Next(random);

    public string Risk(Random random) => risks.Next(random);

    public void AppendSentence(StringBuilder text, Random random, int subject, string? about = null)
    {
        var clauses = 1 + (random.Chance(0.55) ? 1 : 0) + (random.Chance(0.2) ? 1 : 0);
        for (var clause = 0; clause < clauses; clause++)
        {
            if (random.Chance(0.25))
                text.Append(fillers.Next(random)).Append('，');
            AppendClause(text, random, subject, clause == 0 ? about : null);
            text.Append(clause < clauses - 1 ? '，' : random.Chance(0.25) ? '？' : '。');
        }
    }

    private void AppendClause(StringBuilder text, Random random, int subject, string? about)
    {
        if (random.Chance(0.3))
            text.Append(times.Next(random));
        if (random.Chance(0.75))
            text.Append(subjects.Next(random));
        if (random.Chance(0.65))
            text.Append(adverbs.Next(random));
        text.Append(verbs.Next(random));
        if (random.Chance(0.15))
            text.Append(adjectives.Next(random));
        if (about is not null)
            text.Append(about);
        else
            AppendObject(text, random, subject);
        if (random.Chance(0.35))
            text.Append(particles.Next(random));
    }

    private void AppendObject(StringBuilder text, Random random, int subject) => _ = random.NextDouble() switch
    {
        < 0.45 => text.Append(nounsOfSubject[subject].Next(random)),
        < 0.80 => text.Append(nouns.Next(random)),
        < 0.84 => text.Append(latin.Next(random)),
        < 0.90 => text.Append(nameCharacters.Next(random)).Append(nameCharacters.Next(random)).Append('的').Append(nouns.Next(random)),
        < 0.93 => text.Append(surnames.Next(random)).Append(random.Chance(0.5) ? "先生" : "小姐"),
        < 0.96 => text.Append(places.Next(random)).Append(roads.Next(random)).Append('路').Append(random.Next(1, 400)).Append('號'),
        < 0.98 => text.Append(random.Next(2, 9999)).Append('元'),
        _ => text.AppendCode(random),
    };
}
