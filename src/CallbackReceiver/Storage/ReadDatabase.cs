using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>
/// Where queries go: standbys of PostgreSQL where <c>ConnectionStrings:CallbackReceiverReads</c> names some, else where the receiving goes.
/// What a standby shows may be a little old; nothing that writes, or that has to see its own writes, reads here.
/// </summary>
internal sealed class ReadDatabase(NpgsqlDataSource dataSource, NpgsqlDataSource? ofReads) : IAsyncDisposable
{
    private readonly DbContextOptions<ReceiverDbContext> options = OptionsOf(ofReads ?? dataSource);

    public NpgsqlDataSource DataSource { get; } = ofReads ?? dataSource;

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => DataSource.OpenConnectionAsync(cancellationToken);

    public ReceiverDbContext CreateContext() => new(options);

    public async ValueTask DisposeAsync()
    {
        if (ofReads is not null)
            await ofReads.DisposeAsync();
    }

    private static DbContextOptions<ReceiverDbContext> OptionsOf(NpgsqlDataSource source)
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>().UseNpgsql(source);
        StorageSetup.Configure(options);
        return (DbContextOptions<ReceiverDbContext>)options.Options;
    }
}
