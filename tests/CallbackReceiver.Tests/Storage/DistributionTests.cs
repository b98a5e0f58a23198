using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Storage;

/// <summary>That the schema can be distributed by workspace, and that the script which does so knows every table.</summary>
[Trait("Category", "Storage")]
public sealed partial class DistributionTests(PostgresServer server) : IAsyncLifetime
{
    private const string Script = "deploy/citus/distribute.sql";

    /// <summary>Those that stay on the coordinator: no statement of the service's work touches them.</summary>
    private const string OnTheCoordinator = "('__EFMigrationsHistory', 'installation', 'console_keys')";

    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Script_distributes_every_table_by_workspace_beside_the_ledger_unless_it_is_already()
    {
        var distributed = Distribution().Matches(CheckedIn.Read(Script)).ToList();

        Assert.Equal(
            await ListAsync($"SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace AND relname NOT IN {OnTheCoordinator} ORDER BY relname"),
            distributed.Select(table => table.Groups["table"].Value).Order(StringComparer.Ordinal));
        Assert.All(distributed, table => Assert.Equal(table.Groups["table"].Value, table.Groups["unless"].Value));
        Assert.Equal(("deliveries", "none', shard_count => :shard_count"), (distributed[0].Groups["table"].Value, distributed[0].Groups["beside"].Value));
        Assert.All(distributed.Skip(1), table => Assert.Equal("deliveries'", table.Groups["beside"].Value));
    }

    [Fact]
    public async Task Every_table_has_a_key_and_every_key_and_unique_index_begins_with_the_workspace()
    {
        Assert.Empty(await ListAsync($"""
            SELECT c.relname FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN {OnTheCoordinator}
                AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
            """));
        Assert.Empty(await ListAsync($"""
            SELECT i.indexrelid::regclass::text FROM pg_index i
            JOIN pg_class c ON c.oid = i.indrelid
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT IN {OnTheCoordinator} AND i.indisunique AND a.attname IS DISTINCT FROM 'workspace_id'
            """));
    }

    [Theory]
    [InlineData("foreign key, or a constraint that excludes", "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'x', 't')")]
    [InlineData("trigger", "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace")]
    [InlineData("sequence", "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace")]
    [InlineData("identity or generated column", "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND (a.attidentity <> '' OR a.attgenerated <> '')")]
    [InlineData("rule", "SELECT rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = 'public'::regnamespace")]
    [InlineData("view, or function of the schema's own", "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")]
    [InlineData("other type of the workspace", "SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname = 'workspace_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND (a.atttypid, a.attcollation, a.attnotnull) <> ('text'::regtype, 'pg_catalog.\"C\"'::regcollation, true)")]
    public async Task There_is_nothing_that_reaches_beyond_a_worker(string what, string select)
    {
        Assert.True(await ListAsync(select) is [], $"There is a {what}.");
    }

    private async Task<List<string>> ListAsync(string select)
    {
        await using var command = database.DataSource.CreateCommand(select);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            names.Add(reader.GetString(0));
        return names;
    }

    [GeneratedRegex(@"^SELECT create_distributed_table\('(?<table>\w+)', 'workspace_id', colocate_with => '(?<beside>[^)]+)\)\nWHERE NOT EXISTS \(SELECT FROM pg_dist_partition WHERE logicalrelid = '(?<unless>\w+)'::regclass\);$", RegexOptions.Multiline)]
    private static partial Regex Distribution();
}
