namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>One way of storing callbacks.</summary>
/// <param name="Name">What the tables and the command line call it.</param>
/// <param name="Description">What it is, for the reader of the figures.</param>
internal sealed record Variant(string Name, string Description)
{
    public static readonly Variant Service = new("service", "the service as built in Release and as an operator runs it: group commit");

    public static readonly Variant Filled = new("service-filled", "the service on tables that hold millions of its workspace's meetings already");

    public static readonly Variant Insert = new(
        "insert", "one SQL statement a request, ledger row and meeting in one data-modifying CTE, autocommit, over Npgsql with its defaults");

    public static readonly Variant InsertPrepared = new(
        "insert-prepared", "the same with Npgsql's automatic preparation turned on, as the service has it");

    public static readonly Variant Ef = new(
        "ef", "one EF Core unit of work a request: scoped DbContext, look for the digest and the meeting, add or update, SaveChanges, the same pool");

    public static readonly Variant Pgbench = new(
        "pgbench", "no web service at all: PostgreSQL's own load generator inserts the same bytes into a table of one column and a key, one row a transaction, prepared");

    public static readonly IReadOnlyList<Variant> All = [Service, Filled, Insert, InsertPrepared, Ef, Pgbench];

    public bool IsService => this == Service || this == Filled;
}
