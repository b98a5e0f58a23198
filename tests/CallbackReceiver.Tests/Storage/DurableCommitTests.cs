using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Npgsql;

namespace CallbackReceiver.Tests.Storage;

[Trait("Category", "Storage")]
public sealed class DurableCommitTests(PostgresServer server) : IAsyncLifetime
{
    /// <summary>As a commit does that waits for a standby: cancelled, it succeeds.</summary>
    private const string SucceedsWhenCancelled = """
        DO $$ BEGIN PERFORM pg_sleep(3600); EXCEPTION WHEN query_canceled THEN NULL; END $$
        """;

    private readonly TestDatabase database = new(server);

    public ValueTask InitializeAsync() => database.InitializeAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task A_commit_that_ends_because_its_time_is_up_is_not_taken_for_a_good_one()
    {
        await using var command = database.DataSource.CreateCommand(SucceedsWhenCancelled);

        await Assert.ThrowsAsync<TimeoutException>(() => DurableCommit.RunAsync(command, timeoutSeconds: 1));
    }

    [Fact]
    public async Task A_commit_in_time_is_one_whatever_the_connection_string_says()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { CommandTimeout = 1 }.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var create = new NpgsqlCommand(
            """
            CREATE TABLE kept (n int);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON kept DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
            INSERT INTO kept VALUES (1)
            """, connection))
        {
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await DurableCommit.RunAsync(connection);

        await using var count = database.DataSource.CreateCommand("SELECT count(*) FROM kept");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
