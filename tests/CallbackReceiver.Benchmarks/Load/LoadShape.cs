namespace CallbackReceiver.Benchmarks.Load;

/// <summary>How much is sent.</summary>
/// <param name="Connections">Persistent connections, each with one callback under way.</param>
/// <param name="BodyLength">In bytes.</param>
/// <param name="WarmUp">Sending before the measured time.</param>
/// <param name="Duration">The measured time.</param>
/// <param name="PerSecond">How many are sent a second; null for as many as are answered.</param>
internal sealed record LoadShape(int Connections, int BodyLength, TimeSpan WarmUp, TimeSpan Duration, double? PerSecond = null);
