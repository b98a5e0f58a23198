using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>PostgreSQL: where it is, its schema, and the way to it.</summary>
internal static class StorageSetup
{
    public const string ConnectionStringName = "CallbackReceiver";

    public static void AddStorage(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(provider => CreateDataSource(connectionString, provider.GetRequiredService<ILoggerFactory>()));
        services.AddDbContextFactory<ReceiverDbContext>((provider, options) => Configure(options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())));
        services.AddSingleton<SchemaMigration>();
        services.AddHostedService(provider => provider.GetRequiredService<SchemaMigration>());
    }

    public static void Configure(DbContextOptionsBuilder options) =>
        options.UseSnakeCaseNamingConvention().UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);

    private static NpgsqlDataSource CreateDataSource(string connectionString, ILoggerFactory loggers)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString).UseLoggerFactory(loggers);

        // Statements that come again are prepared by the driver, reads and writes alike.
        source.ConnectionStringBuilder.MaxAutoPrepare = 50;
        source.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
        source.ConnectionStringBuilder.ApplicationName ??= "callback-receiver";
        return source.Build();
    }
}
