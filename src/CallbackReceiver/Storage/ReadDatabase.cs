using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Where queries go: standbys of PostgreSQL where <c>ConnectionStrings:CallbackReceiverReads</c> names some, else where the receiving goes,
/// always in a pool of their own. What a standby shows may be a little old; nothing that writes, or that has to see its own writes, reads here.
/// </summary>
internal sealed class ReadDatabase : DatabasePool
{
    private readonly DbContextOptions<ReceiverDbContext> options;

    public ReadDatabase(NpgsqlDataSource dataSource)
        : base(dataSource)
    {
        Size = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize;
        options = OptionsOf(dataSource);
    }

    /// <summary>How many queries there may be at once; others wait for one of these to end.</summary>
    public int Size { get; }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => OpenConnectionAsync(cancellationToken);

    public ReceiverDbContext CreateContext() => new(options);

    private static DbContextOptions<ReceiverDbContext> OptionsOf(NpgsqlDataSource source)
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>().UseNpgsql(source);
        StorageSetup.Configure(options);
        return (DbContextOptions<ReceiverDbContext>)options.Options;
    }
}
