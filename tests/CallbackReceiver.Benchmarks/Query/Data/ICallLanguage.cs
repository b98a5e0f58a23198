using System.Text;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Makes the text of calls in one language.</summary>
internal interface ICallLanguage
{
    /// <summary>A call has one subject, whose nouns come in it again and again. Subjects are numbered from 0 to this.</summary>
    public const int Subjects = 24;

    /// <summary>What is sought in the calls, each in a known share of them.</summary>
    IReadOnlyList<SoughtText> Sought { get; }

    string Customer { get; }

    string Supervisor { get; }

    string Agent(int number);

    string Title(Random random, int subject);

    string Risk(Random random);

    /// <param name="text">Where the sentence goes.</param>
    /// <param name="random">Decides.</param>
    /// <param name="subject">The call's.</param>
    /// <param name="about">What the sentence must name; null where that is free.</param>
    void AppendSentence(StringBuilder text, Random random, int subject, string? about = null);
}

/// <summary>A word or phrase that calls hold with a known frequency.</summary>
/// <param name="Text">The word or phrase.</param>
/// <param name="Share">The share of the calls in its language that hold it.</param>
internal sealed record SoughtText(string Text, double Share);
