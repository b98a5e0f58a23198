using System.Diagnostics;
using CallbackReceiver.FaultTests.Machinery;
using Npgsql;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>A PostgreSQL that dies, hangs, or answers that it cannot.</summary>
internal static class PostgresFaults
{
    private const string EndServiceConnections = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callback-receiver'";

    /// <summary>All its processes at one blow, or the postmaster alone.</summary>
    public static async Task KillAsync(Site site, Moments moments)
    {
        if (moments.Toss())
            site.Postgres.Kill();
        else
            site.Postgres.KillPostmaster();
        await moments.PassAsync(0, 1500);
        await site.Postgres.StartAsync(moments.CancellationToken);
    }

    /// <summary>Long enough for a small spool to be full.</summary>
    public static async Task KillForLongAsync(Site site, Moments moments)
    {
        site.Postgres.Kill();
        await moments.PassAsync(2000, 3000);
        await site.Postgres.StartAsync(moments.CancellationToken);
    }

    /// <summary>A process that serves one connection: the postmaster then ends all of them and recovers, as after a crash.</summary>
    public static async Task KillBackendAsync(Site site, Moments moments)
    {
        await Patience.UntilAsync(
            () => site.Postgres.KillBackendAsync(moments.Random, moments.CancellationToken), "the service has a connection", moments.CancellationToken);
        await moments.PassAsync(300, 1000);
    }

    /// <summary>It takes connections and answers nothing; then it goes on as if nothing had been.</summary>
    public static async Task FreezeAsync(Site site, Moments moments)
    {
        site.Postgres.Freeze();
        await moments.PassAsync(500, 3500);
        site.Postgres.Thaw();
    }

    public static async Task FreezeAndKillAsync(Site site, Moments moments)
    {
        site.Postgres.Freeze();
        await moments.PassAsync(500, 2500);
        site.Postgres.Kill();
        await moments.PassAsync(0, 500);
        await site.Postgres.StartAsync(moments.CancellationToken);
    }

    /// <summary>As a demoted primary, or one whose disk is nearly full.</summary>
    public static async Task ForbidWritingAsync(Site site, Moments moments)
    {
        await site.Postgres.ExecuteAsync("ALTER SYSTEM SET default_transaction_read_only = on", moments.CancellationToken);
        await site.Postgres.ExecuteAsync("SELECT pg_reload_conf()", moments.CancellationToken);
        await moments.PassAsync(300, 2000);
        await site.Postgres.ExecuteAsync("ALTER SYSTEM RESET default_transaction_read_only", moments.CancellationToken);
        await site.Postgres.ExecuteAsync("SELECT pg_reload_conf()", moments.CancellationToken);
    }

    /// <summary>Somebody else has all connections, and the service loses its own.</summary>
    public static async Task TakeConnectionsAsync(Site site, Moments moments)
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            while (await TryTakeAsync(site, taken, moments))
            {
                // Until there are no more.
            }

            var (started, duration) = (Stopwatch.GetTimestamp(), moments.Between(500, 2000));
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                await using var end = new NpgsqlCommand(EndServiceConnections, taken[0]);
                await end.ExecuteNonQueryAsync(moments.CancellationToken);
                await TryTakeAsync(site, taken, moments);
            }
        }
        finally
        {
            foreach (var connection in taken)
                await connection.DisposeAsync();
        }
    }

    /// <returns>Whether there was one to take.</returns>
    private static async Task<bool> TryTakeAsync(Site site, List<NpgsqlConnection> taken, Moments moments)
    {
        try
        {
            taken.Add(await site.Postgres.OpenAsync(moments.CancellationToken));
            return true;
        }
        catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await moments.PassAsync(5, 20);
            return false;
        }
    }
}
