using System.Diagnostics;
using CallbackReceiver.Storage.Embedded;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>PostgreSQL: where it is, its schema, and the way to it.</summary>
internal static class StorageSetup
{
    private const string ConnectionStringName = "CallbackReceiver";
    private const string ReadsConnectionStringName = "CallbackReceiverReads";
    private const string MainPool = "callback-receiver";
    private const string ReadPool = "callback-receiver-reads";

    /// <summary>What is sent at once. With the driver's 8 KB nearly every body of a batch is a system call, and wakes PostgreSQL, by itself.</summary>
    private const int WriteBufferBytes = 64 * 1024;

    /// <summary>Where no connection string is configured, this opens the service's own PostgreSQL, which is started once the service receives.</summary>
    /// <returns>That PostgreSQL, to be disposed after the service; null where PostgreSQL is another's.</returns>
    /// <exception cref="EmbeddedPostgresException">It cannot be started.</exception>
    /// <exception cref="ConfigurationException">A connection string is none.</exception>
    public static async Task<EmbeddedPostgres?> AddStorageAsync(this WebApplicationBuilder builder, ILogger logger)
    {
        var ofReads = ReadConnectionString(builder.Configuration, ReadsConnectionStringName);
        if (ReadConnectionString(builder.Configuration, ConnectionStringName) is { } configured)
        {
            builder.Services.AddStorage(configured, ofReads);
            builder.Services.AddSingleton(DatabaseTarget.Of(configured));
            return null;
        }

        var options = builder.Configuration.GetSection(EmbeddedPostgresOptions.Section).Get<EmbeddedPostgresOptions>() ?? new();
        var postgres = await EmbeddedPostgres.OpenAsync(options, logger, CancellationToken.None);
        builder.Services.AddSingleton(postgres);
        builder.Services.AddStorage(new NpgsqlConnectionStringBuilder(postgres.ConnectionString), ofReads);
        builder.Services.AddSingleton(new DatabaseTarget(postgres.DataDirectory)); // its port is another at each start
        return postgres;
    }

    /// <remarks>Whether a migration is missing is for a test to find: looking for it at each start costs two megabytes.</remarks>
    public static void Configure(DbContextOptionsBuilder options) => options
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
        .UseSnakeCaseNamingConvention()
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);

    /// <summary>A handler of a request is given a context that reads; one that writes takes the factory's.</summary>
    private static void AddStorage(this IServiceCollection services, NpgsqlConnectionStringBuilder connectionString, NpgsqlConnectionStringBuilder? ofReads)
    {
        services.AddSingleton(provider => CreateDataSource(connectionString, provider, MainPool));
        services.AddDbContextFactory<ReceiverDbContext>((provider, options) => Configure(options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())));
        services.AddSingleton(provider => new ReadDatabase(
            provider.GetRequiredService<NpgsqlDataSource>(), ofReads is null ? null : CreateDataSource(ofReads, provider, ReadPool)));
        services.AddScoped(provider => provider.GetRequiredService<ReadDatabase>().CreateContext());
        services.AddSingleton<ChangeSignal>();
        services.AddMetrics<RemovalMetrics>();
        services.AddSingleton<SchemaMigration>();
        services.AddHostedService(provider => provider.GetRequiredService<SchemaMigration>());
    }

    /// <summary>Statements belong to a request or a commit. What looks for work in the background would be a trace each time.</summary>
    private static void ConfigureTraces(NpgsqlTracingOptionsBuilder traces) => traces
        .ConfigureCommandFilter(_ => Activity.Current is not null)
        .ConfigureBatchFilter(_ => Activity.Current is not null)
        .EnablePhysicalOpenTracing(false);

    /// <returns>Null where none is configured.</returns>
    /// <exception cref="ConfigurationException">It is none. What it says is not repeated: it may hold a password.</exception>
    private static NpgsqlConnectionStringBuilder? ReadConnectionString(IConfiguration configuration, string name)
    {
        try
        {
            return configuration.GetConnectionString(name) is { Length: > 0 } text ? new NpgsqlConnectionStringBuilder(text) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            throw new ConfigurationException([$"ConnectionStrings:{name}: give a connection string in Npgsql's form: Host=…;Database=…;Username=…;Password=…"]);
        }
    }

    private static NpgsqlDataSource CreateDataSource(NpgsqlConnectionStringBuilder connectionString, IServiceProvider provider, string pool)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString.ConnectionString).UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>());

        // Statements that come again are prepared by the driver, reads and writes alike.
        source.ConnectionStringBuilder.MaxAutoPrepare = 50;
        source.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
        source.ConnectionStringBuilder.WriteBufferSize = Math.Max(WriteBufferBytes, source.ConnectionStringBuilder.WriteBufferSize);
        source.ConnectionStringBuilder.ApplicationName ??= "callback-receiver";
        source.Name = pool; // in metrics; else they would show the connection string
        return source.ConfigureTracing(ConfigureTraces).Build();
    }
}
