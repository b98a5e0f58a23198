using CallbackReceiver.FaultTests.Machinery;
using Npgsql;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>A PostgreSQL that does not take one delivery in eight, chosen by its digest, while it takes all others.</summary>
internal static class RowFaults
{
    /// <summary>
    /// As a statement timeout: what is refused so is held, and stored later. An error of another kind would be quarantined by whoever meets the
    /// moment in which the trigger goes.
    /// </summary>
    public static Task RefuseAsync(Site site, Moments moments) => MeetRowsAsync(site, moments, "RAISE EXCEPTION USING ERRCODE = '57014'");

    public static Task SlowDownAsync(Site site, Moments moments) => MeetRowsAsync(site, moments, "PERFORM pg_sleep(1.5)");

    /// <summary>As a defect of the server that some values bring out.</summary>
    public static Task EndSessionsAsync(Site site, Moments moments) => MeetRowsAsync(site, moments, "PERFORM pg_terminate_backend(pg_backend_pid())");

    /// <summary>Somebody looks at meetings and forgets to commit, for as long as it takes.</summary>
    public static async Task LockAsync(Site site, Moments moments)
    {
        await using var connection = await site.Postgres.OpenAsync(moments.CancellationToken);
        await using var command = new NpgsqlCommand("BEGIN; SELECT FROM meetings WHERE hashtext(meeting_id) % 8 = 0 ORDER BY workspace_id, meeting_id FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(moments.CancellationToken);
        await moments.PassAsync(1000, 4000);
    }

    private static async Task MeetRowsAsync(Site site, Moments moments, string with)
    {
        await site.Postgres.ExecuteAsync(
            $"""
            CREATE OR REPLACE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN IF get_byte(NEW.body_sha256, 0) < 32 AND NEW.workspace_id <> '' THEN {with}; END IF; RETURN NEW; END $f$;
            CREATE TRIGGER meet BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION meet()
            """,
            moments.CancellationToken);
        await moments.PassAsync(1000, 3000);
        await site.Postgres.ExecuteAsync("DROP TRIGGER meet ON deliveries", moments.CancellationToken);
    }
}
