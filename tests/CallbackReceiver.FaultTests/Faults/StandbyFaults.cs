using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>A primary whose commits wait for a standby (synchronous replication), and a service that knows both.</summary>
internal static class StandbyFaults
{
    /// <summary>The primary dies, and the standby takes its place: what was answered as committed is there.</summary>
    public static async Task FailOverAsync(Site site, Moments moments)
    {
        site.Postgres.Kill();
        await moments.PassAsync(0, 1500);
        await site.FailOverAsync(moments.CancellationToken);
        await moments.PassAsync(300, 1000);
    }

    /// <summary>Commits hang for as long as the standby is away.</summary>
    public static async Task KillStandbyAsync(Site site, Moments moments)
    {
        site.Standby.Kill();
        await moments.PassAsync(500, 3000);
        await site.Standby.StartAsync(moments.CancellationToken);
    }

    /// <summary>
    /// The primary goes on alone for a while and then dies as well; the standby is what remains. A commit that it never saw must not have
    /// been taken for a good one, though the primary gives up waiting for it where the driver's time limit cancels the commit.
    /// </summary>
    public static async Task KillStandbyThenFailOverAsync(Site site, Moments moments)
    {
        site.Standby.Kill();
        await moments.PassAsync(3500, 5500);
        site.Postgres.Kill();
        await site.Standby.StartAsync(moments.CancellationToken);
        await site.FailOverAsync(moments.CancellationToken);
        await moments.PassAsync(300, 1000);
    }
}
