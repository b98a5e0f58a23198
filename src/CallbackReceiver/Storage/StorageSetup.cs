using CallbackReceiver.Storage.Embedded;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>PostgreSQL: where it is, its schema, and the way to it.</summary>
internal static class StorageSetup
{
    private const string ConnectionStringName = "CallbackReceiver";

    /// <summary>Where no connection string is configured, this starts the service's own PostgreSQL.</summary>
    /// <returns>What stops that PostgreSQL again, after the service; null where PostgreSQL is another's.</returns>
    /// <exception cref="EmbeddedPostgresException">It cannot be started.</exception>
    public static async Task<IAsyncDisposable?> AddStorageAsync(this WebApplicationBuilder builder, ILogger logger)
    {
        if (builder.Configuration.GetConnectionString(ConnectionStringName) is { Length: > 0 } connectionString)
        {
            Check(connectionString);
            builder.Services.AddStorage(connectionString);
            return null;
        }

        var options = builder.Configuration.GetSection(EmbeddedPostgresOptions.Section).Get<EmbeddedPostgresOptions>() ?? new();
        var postgres = await EmbeddedPostgres.StartAsync(options, logger, CancellationToken.None);
        builder.Services.AddStorage(postgres.ConnectionString);
        return postgres;
    }

    public static void Configure(DbContextOptionsBuilder options) =>
        options.UseSnakeCaseNamingConvention().UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);

    private static void AddStorage(this IServiceCollection services, string connectionString)
    {
        services.AddSingleton(provider => CreateDataSource(connectionString, provider.GetRequiredService<ILoggerFactory>()));
        services.AddDbContextFactory<ReceiverDbContext>((provider, options) => Configure(options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())));
        services.AddSingleton<SchemaMigration>();
        services.AddHostedService(provider => provider.GetRequiredService<SchemaMigration>());
    }

    /// <exception cref="ConfigurationException">It is none. What it says is not repeated: it may hold a password.</exception>
    private static void Check(string connectionString)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new ConfigurationException([$"ConnectionStrings:{ConnectionStringName}: give a connection string in Npgsql's form: Host=…;Database=…;Username=…;Password=…"]);
        }
    }

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
