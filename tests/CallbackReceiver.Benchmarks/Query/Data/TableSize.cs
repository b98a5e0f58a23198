using Npgsql;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>How large a table is, in bytes.</summary>
/// <param name="Name">The table.</param>
/// <param name="Rows">As the planner estimates them.</param>
/// <param name="Heap">Rows and what is stored beside them (TOAST).</param>
/// <param name="Indexes">All its indexes.</param>
internal sealed record TableSize(string Name, long Rows, long Heap, long Indexes)
{
    private const string Sizes = """
        SELECT relname, greatest(reltuples, 0)::bigint, pg_table_size(oid), pg_indexes_size(oid)
        FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_table_size(oid) >= 1000000
        ORDER BY pg_table_size(oid) DESC
        """;

    public static async Task<IReadOnlyList<TableSize>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sizes = new List<TableSize>();
        await using var command = new NpgsqlCommand(Sizes, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            sizes.Add(new TableSize(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)));
        return sizes;
    }
}
