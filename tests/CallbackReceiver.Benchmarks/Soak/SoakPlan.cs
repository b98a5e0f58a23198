using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Soak;

/// <summary>What is run.</summary>
/// <param name="Samples">How many samples, one after the other.</param>
/// <param name="Shape">The load of each.</param>
internal sealed record SoakPlan(int Samples, LoadShape Shape)
{
    private const int Connections = 32;
    private const int BodyLength = 3800;

    /// <summary>Between two requests of the reader.</summary>
    public static readonly TimeSpan ReaderPause = TimeSpan.FromMilliseconds(200);

    public static SoakPlan Create(TimeSpan duration, double perSecond, TimeSpan sample) => new(
        Math.Max(1, (int)Math.Round(duration / sample)), new LoadShape(Connections, BodyLength, TimeSpan.Zero, sample, perSecond));
}
