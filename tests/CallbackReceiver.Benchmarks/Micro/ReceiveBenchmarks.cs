using BenchmarkDotNet.Attributes;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.Micro;

/// <summary>The part of the way of a callback that costs processor time alone. BenchmarkDotNet wants the class public.</summary>
public class ReceiveBenchmarks
{
    private SampleBody sample = null!;
    private VerifiedBody verified = null!;

    [Params(BodySize.Ordinary, BodySize.TwoHours)]
    public BodySize Body { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        sample = Sample(Body);
        verified = sample.Verify();
    }

    [Benchmark(Baseline = true)]
    public object VerifyAndParse() => CallbackParser.Parse(sample.Verify());

    [Benchmark]
    public object Verify() => sample.Verify();

    [Benchmark]
    public object Parse() => CallbackParser.Parse(verified);

    internal static SampleBody Sample(BodySize size) => size == BodySize.Ordinary ? SampleBody.Ordinary() : SampleBody.TwoHours();
}

/// <summary>The bodies.</summary>
public enum BodySize
{
    /// <summary>3.8 KB.</summary>
    Ordinary,

    /// <summary>490 KB.</summary>
    TwoHours,
}
