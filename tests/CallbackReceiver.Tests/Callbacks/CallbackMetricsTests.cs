using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class CallbackMetricsTests
{
    private const int Callbacks = 10_000;

    private static readonly byte[] Body = new CallbackBuilder().Build();

    /// <summary>With OpenTelemetry listening, as in operation.</summary>
    [Fact]
    public void Counting_a_callback_allocates_nothing()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(Telemetry.Name).AddReader(new BaseExportingMetricReader(new NoExporter())).Build();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Keys.Settings!).Build();
        using var keys = new ReloadingSetting<SigningKeys>(configuration, SigningKeys.Read, NullLogger.Instance);
        var metrics = new CallbackMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), keys, TimeProvider.System);
        var body = VerifiedBody.Restore(Workspaces.Demo, Keys.Digest(Keys.Demo)[..8], Body);
        Count(metrics, body); // what is made once is made

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Callbacks; i++)
            Count(metrics, body);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Callbacks - 1);
    }

    private static void Count(CallbackMetrics metrics, VerifiedBody body)
    {
        metrics.Verified(body);
        metrics.Answered(Workspaces.Demo, Outcome.Stored);
        metrics.SignatureFailed(Workspaces.Demo, SignatureFailure.Wrong);
        metrics.SignatureFailed(null, SignatureFailure.UnknownWorkspace);
        metrics.Refused(Refusal.TooLarge);
    }

    private sealed class NoExporter : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
