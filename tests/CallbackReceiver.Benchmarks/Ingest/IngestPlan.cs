using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Servers;

namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>What is run.</summary>
/// <param name="Rounds">The variants of each round, in order.</param>
/// <param name="Ordinary">The load of the rounds.</param>
/// <param name="FilledMeetings">How many meetings <see cref="Variant.Filled"/> finds in its tables.</param>
/// <param name="TwoHours">The load of the run with bodies of calls of two hours.</param>
/// <param name="Large">The load of the run whose memory is measured with large bodies.</param>
internal sealed record IngestPlan(IReadOnlyList<IReadOnlyList<Variant>> Rounds, LoadShape Ordinary, int FilledMeetings, LoadShape TwoHours, LoadShape Large)
{
    public const int DefaultRounds = 2;
    public const int DefaultFilledMeetings = 3_000_000;

    private const int OrdinaryConnections = 128;
    private const int OrdinaryBody = 3800;
    private const int TwoHoursConnections = 32;
    private const int TwoHoursBody = 490_000;
    private const int LargeConnections = 64;
    private const int LargeBody = 4 * 1024 * 1024;

    public static IngestPlan Create(bool quick, int? seconds, int rounds, int? filledMeetings, IReadOnlyCollection<string> variants)
    {
        var chosen = Variant.All.Where(variant => variants.Count == 0 || variants.Contains(variant.Name)).ToList();
        var duration = TimeSpan.FromSeconds(seconds ?? (quick ? 3 : 20));

        // Long enough for the runtime to have optimised the slowest variant too, whose code is the largest and runs the least often.
        var warmUp = TimeSpan.FromSeconds(quick ? 2 : 10);

        // Every other round in reverse order, so that what changes while the rounds run changes all variants alike.
        return new IngestPlan(
            [.. Enumerable.Range(0, rounds).Select(round => round % 2 == 0 ? chosen : Enumerable.Reverse(chosen).ToList())],
            new LoadShape(OrdinaryConnections, OrdinaryBody, warmUp, duration),
            filledMeetings ?? (quick ? DefaultFilledMeetings / 100 : DefaultFilledMeetings),
            new LoadShape(TwoHoursConnections, TwoHoursBody, TimeSpan.FromSeconds(quick ? 1 : 5), TimeSpan.FromSeconds(quick ? 3 : 10)),
            new LoadShape(LargeConnections, LargeBody, TimeSpan.Zero, TimeSpan.FromSeconds(quick ? 3 : 10)));
    }
}
