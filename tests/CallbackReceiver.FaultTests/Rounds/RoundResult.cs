using CallbackReceiver.FaultTests.Faults;
using CallbackReceiver.FaultTests.Traffic;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>One round of the plan.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Fault">What breaks.</param>
/// <param name="Seed">What the moments and the callbacks come from.</param>
internal sealed record Round(int Number, Fault Fault, int Seed);

/// <summary>What a round has shown.</summary>
internal sealed record RoundResult(Round Round)
{
    /// <summary>Answers by kind; a callback that was sent twice counts twice.</summary>
    public IReadOnlyDictionary<ReplyKind, int> Replies { get; init; } = new Dictionary<ReplyKind, int>();

    /// <summary>Distinct callbacks that were answered 2xx: each was found in the ledger, with its bytes.</summary>
    public int Acknowledged { get; init; }

    /// <summary>Distinct callbacks without a 2xx that are kept all the same, each of them whole.</summary>
    public int KeptWithoutAnswer { get; init; }

    /// <summary>Of these, the ones that were answered 503.</summary>
    public int KeptThoughRefused { get; init; }

    /// <summary>Repeated bodies that the ledger counts once too often.</summary>
    public int Overcounted { get; init; }

    /// <summary>How long each answer took, from the shortest.</summary>
    public IReadOnlyList<TimeSpan> AnswerTimes { get; init; } = [];

    /// <summary>The longest time that a replica took to end after SIGTERM, in this round or an earlier one.</summary>
    public TimeSpan SlowestStop { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>What is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Wrongs { get; init; } = [];

    public bool IsPassed => Wrongs.Count == 0;

    public int Count(ReplyKind kind) => Replies.GetValueOrDefault(kind);
}
