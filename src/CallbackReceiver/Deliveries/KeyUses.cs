using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Deliveries;

/// <summary>A signing key of a workspace, without the key itself.</summary>
/// <param name="KeyId">The first hex digits of its SHA-256.</param>
/// <param name="Configured">Whether callbacks are verified with it now.</param>
/// <param name="FirstUsedAt">When the first delivery that it signed was received; null where there is none.</param>
/// <param name="LastUsedAt">When the last one was received. The same bytes again are none.</param>
internal sealed record KeyUse(string KeyId, bool Configured, DateTime? FirstUsedAt, DateTime? LastUsedAt);

/// <summary>The signing keys of a workspace.</summary>
/// <param name="Items">Those that are configured, in their order, and then those that signed deliveries before, the one used last first.</param>
internal sealed record KeyList(IReadOnlyList<KeyUse> Items);

/// <summary>Finds which keys a workspace has, and when they were used.</summary>
internal sealed class KeyUses(ReloadingSetting<SigningKeys> signingKeys, ReadDatabase database)
{
    // An index has the deliveries of each key in the order of receiving: it is gone through from key to key, not from delivery to delivery. Only that index
    // has the order asked for, so that no other is gone through.
    private const string Select = """
        WITH RECURSIVE keys (key_id) AS (
            (SELECT d.key_id FROM deliveries d WHERE d.workspace_id = $1 ORDER BY d.key_id, d.delivery_id LIMIT 1)
            UNION ALL
            SELECT (SELECT d.key_id FROM deliveries d WHERE d.workspace_id = $1 AND d.key_id > k.key_id ORDER BY d.key_id, d.delivery_id LIMIT 1)
            FROM keys k WHERE k.key_id IS NOT NULL
        )
        SELECT k.key_id,
            (SELECT d.received_at FROM deliveries d WHERE d.workspace_id = $1 AND d.key_id >= k.key_id ORDER BY d.key_id, d.delivery_id LIMIT 1),
            (SELECT d.received_at FROM deliveries d WHERE d.workspace_id = $1 AND d.key_id <= k.key_id ORDER BY d.key_id DESC, d.delivery_id DESC LIMIT 1)
        FROM keys k WHERE k.key_id IS NOT NULL
        LIMIT 1000
        """;

    public async Task<KeyList> ReadAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var used = await ReadUsedAsync(workspaceId, cancellationToken);
        var configured = signingKeys.Current.Of(workspaceId).Select(key => used.GetValueOrDefault(key.Id, new KeyUse(key.Id, false, null, null)) with { Configured = true }).ToList();
        return new KeyList([.. configured, .. used.Values.ExceptBy(configured.Select(key => key.KeyId), key => key.KeyId).OrderByDescending(key => key.LastUsedAt)]);
    }

    private async Task<Dictionary<string, KeyUse>> ReadUsedAsync(string workspaceId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Select, connection) { Parameters = { new() { Value = workspaceId } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var used = new Dictionary<string, KeyUse>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            used[reader.GetString(0)] = new KeyUse(reader.GetString(0), Configured: false, reader.GetDateTime(1), reader.GetDateTime(2));
        return used;
    }
}
