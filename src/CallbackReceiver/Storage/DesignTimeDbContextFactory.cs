using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CallbackReceiver.Storage;

/// <summary>Lets <c>dotnet ef migrations add</c> work without starting the service.</summary>
internal sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<ReceiverDbContext>
{
    public ReceiverDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<ReceiverDbContext>();
        StorageSetup.Configure(options.UseNpgsql());
        return new ReceiverDbContext(options.Options);
    }
}
