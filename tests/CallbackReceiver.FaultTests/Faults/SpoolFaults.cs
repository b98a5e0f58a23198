using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>A spool whose file is taken away from under it.</summary>
internal static class SpoolFaults
{
    /// <summary>Somebody tidies up the folder while deliveries wait in it.</summary>
    public static async Task DeleteAsync(Site site, Moments moments)
    {
        site.Postgres.Kill();
        await moments.PassAsync(500, 1500);
        Directory.Delete(Site.SpoolOf(site.Services[0]), recursive: true);
        await moments.PassAsync(500, 1500);
        await site.Postgres.StartAsync(moments.CancellationToken);
    }
}
