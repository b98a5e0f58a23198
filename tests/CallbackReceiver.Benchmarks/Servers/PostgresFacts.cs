using Npgsql;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>What of PostgreSQL the figures depend on.</summary>
/// <param name="Origin">Which server it is.</param>
/// <param name="Settings">As <c>SHOW</c> gives them.</param>
/// <param name="PostmasterId">Its process, where that runs on this machine and can be seen.</param>
internal sealed record PostgresFacts(string Origin, IReadOnlyDictionary<string, string> Settings, int? PostmasterId)
{
    private static readonly string[] Shown =
        ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers", "max_wal_size", "max_connections"];

    /// <summary>Whether an answered commit is on the disk.</summary>
    public bool IsDurable => Settings is { } all && all["fsync"] == "on" && all["synchronous_commit"] == "on" && all["full_page_writes"] == "on";

    public override string ToString() => $"PostgreSQL, {Origin}: {string.Join(", ", Settings.Select(setting => $"{setting.Key} {setting.Value}"))}.";

    public static async Task<PostgresFacts> ReadAsync(NpgsqlConnection connection, string origin, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>();
        foreach (var name in Shown)
            settings[name] = await connection.ScalarAsync<string>($"SHOW {name}", cancellationToken);
        var backend = await connection.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken);
        return new PostgresFacts(origin, settings, ProcessFile.ParentOf(backend, "postgres"));
    }
}
