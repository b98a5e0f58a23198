using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Benchmarks.Servers;

/// <summary>Makes the service's schema where no service has run yet.</summary>
internal static class SchemaSetup
{
    public static async Task MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        options.UseNpgsql(connectionString);
        StorageSetup.Configure(options);
        await using var context = new ReceiverDbContext(options.Options);
        await context.Database.MigrateAsync(cancellationToken);
    }
}
