using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>Replicas of the service that die or are stopped.</summary>
internal static class ServiceFaults
{
    public static async Task KillAsync(Site site, Moments moments)
    {
        var service = site.Services[0];
        service.Kill();
        await moments.PassAsync(0, 500);
        await service.StartAgainAsync(moments.CancellationToken);
    }

    /// <summary>As a deployment does it: all that was accepted is answered, and the exit code is 0.</summary>
    public static async Task StopAsync(Site site, Moments moments)
    {
        var service = site.Services[0];
        await service.StopAsync(moments.CancellationToken);
        await service.StartAgainAsync(moments.CancellationToken);
    }

    /// <summary>What waits for PostgreSQL is spooled, and nothing keeps the service from ending.</summary>
    public static async Task StopWhileFrozenAsync(Site site, Moments moments)
    {
        site.Postgres.Freeze();
        await moments.PassAsync(0, 4000);
        await StopAsync(site, moments);
        await moments.PassAsync(0, 500);
        site.Postgres.Thaw();
    }

    /// <summary>One of two that share database and spool, now and then while the spool is in use.</summary>
    public static async Task KillReplicaAsync(Site site, Moments moments)
    {
        var isPostgresAway = moments.Toss();
        if (isPostgresAway)
        {
            site.Postgres.Kill();
            await moments.PassAsync(0, 1000);
        }

        var killed = site.Services[moments.Random.Next(site.Services.Count)];
        killed.Kill();
        await moments.PassAsync(0, 800);
        if (isPostgresAway)
            await site.Postgres.StartAsync(moments.CancellationToken);
        await killed.StartAgainAsync(moments.CancellationToken);
    }

    /// <summary>Both at once, or either first; either is back first: a service that starts without PostgreSQL receives too.</summary>
    public static async Task KillWithPostgresAsync(Site site, Moments moments)
    {
        var service = site.Services[0];
        Action[] kills = [service.Kill, site.Postgres.Kill];
        Func<CancellationToken, Task>[] starts = [service.StartAgainAsync, site.Postgres.StartAsync];
        moments.Random.Shuffle(kills);
        moments.Random.Shuffle(starts);

        kills[0]();
        if (moments.Toss())
            await moments.PassAsync(0, 600);
        kills[1]();
        await moments.PassAsync(0, 300);
        await starts[0](moments.CancellationToken);
        await moments.PassAsync(0, 800);
        await starts[1](moments.CancellationToken);
    }
}
