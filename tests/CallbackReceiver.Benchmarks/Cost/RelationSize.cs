using Npgsql;

namespace CallbackReceiver.Benchmarks.Cost;

/// <summary>How large a table or one of its indexes is.</summary>
/// <param name="Table">The table.</param>
/// <param name="Index">The index; null for the table's rows, with what is stored beside them (TOAST).</param>
/// <param name="Bytes">On the disk.</param>
internal sealed record RelationSize(string Table, string? Index, long Bytes)
{
    private const string Sizes = """
        SELECT t.relname, NULL, pg_table_size(t.oid) FROM pg_class t WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT t.relname, i.relname, pg_relation_size(i.oid)
        FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
        """;

    public static async Task<IReadOnlyList<RelationSize>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sizes = new List<RelationSize>();
        await using var command = new NpgsqlCommand(Sizes, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            sizes.Add(new RelationSize(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2)));
        return sizes;
    }

    /// <summary>What each grew by, the largest table first, its rows before its indexes.</summary>
    public static IReadOnlyList<RelationSize> Grown(IReadOnlyList<RelationSize> before, IReadOnlyList<RelationSize> after)
    {
        var earlier = before.ToDictionary(size => (size.Table, size.Index), size => size.Bytes);
        return [.. after
            .Select(size => size with { Bytes = size.Bytes - earlier.GetValueOrDefault((size.Table, size.Index)) })
            .GroupBy(size => size.Table)
            .OrderByDescending(table => table.Sum(size => size.Bytes))
            .SelectMany(table => table.OrderBy(size => size.Index, StringComparer.Ordinal))];
    }
}
