using System.Diagnostics;
using CallbackReceiver.Storage.Embedded;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>PostgreSQL: where it is, its schema, and the way to it.</summary>
internal static class StorageSetup
{
    private const string MainPool = "callback-receiver";

    /// <summary>What is sent at once. With the driver's 8 KB nearly every body of a batch is a system call, and wakes PostgreSQL, by itself.</summary>
    private const int WriteBufferBytes = 64 * 1024;

    /// <summary>In seconds: how old a connection beside those of the receiving becomes. One to a server that has become a standby goes with its age.</summary>
    private const int Lifetime = 300;

    /// <summary>In seconds: the driver's own limit is that much longer than a query's deadline, so that they never meet.</summary>
    private const int BeyondDeadline = 5;

    /// <summary>In seconds: how long a request waits for a connection, be it a new one or one that others use.</summary>
    private const int RequestsWait = 5;

    /// <summary>Where no connection string is configured, this opens the service's own PostgreSQL, which is started once the service receives.</summary>
    /// <returns>That PostgreSQL, to be disposed after the service; null where PostgreSQL is another's.</returns>
    /// <exception cref="EmbeddedPostgresException">It cannot be started.</exception>
    /// <exception cref="ConfigurationException">A connection string is none, or cannot be used.</exception>
    public static async Task<EmbeddedPostgres?> AddStorageAsync(this WebApplicationBuilder builder, ILogger logger)
    {
        var ofReads = ConnectionStrings.Read(builder.Configuration, ConnectionStrings.Reads);
        if (ConnectionStrings.Read(builder.Configuration, ConnectionStrings.Main) is { } configured)
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
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning, RelationalEventId.NonTransactionalMigrationOperationWarning))
        .UseSnakeCaseNamingConvention()
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);

    /// <summary>A handler of a request is given a context that reads; one that writes takes the factory's.</summary>
    private static void AddStorage(this IServiceCollection services, NpgsqlConnectionStringBuilder connectionString, NpgsqlConnectionStringBuilder? ofReads)
    {
        services.AddOptions<QueryOptions>().BindConfiguration(QueryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var sizes = PoolSizes.Of(connectionString.Names(ConnectionStrings.MaximumPoolSize) ? connectionString.MaxPoolSize : PoolSizes.Default);
        services.AddSingleton(provider => CreateDataSource(connectionString, provider, MainPool, sizes.Receiving));
        services.AddSingleton(provider => new BackgroundDatabase(CreateDataSource(connectionString, provider, MainPool + "-background", sizes.Background, ForBackground)));
        services.AddSingleton(provider => new EventDatabase(CreateDataSource(connectionString, provider, MainPool + "-events", sizes.Events, ForEvents)));
        services.AddSingleton(provider => new ManageDatabase(CreateDataSource(connectionString, provider, MainPool + "-manage", sizes.Managing, WaitBriefly)));
        services.AddSingleton(provider => new ReadDatabase(CreateReadDataSource(ofReads ?? connectionString, provider, SizeOfReads(ofReads) ?? sizes.Reading)));
        var answering = new AnsweringConnection();
        services.AddDbContextFactory<ReceiverDbContext>((provider, options) => Configure(options.UseNpgsql(provider.GetRequiredService<ManageDatabase>().DataSource).AddInterceptors(answering)));
        services.AddScoped(provider => provider.GetRequiredService<ReadDatabase>().CreateContext());
        services.AddSingleton<ConnectionPools>();
        services.AddSingleton<ChangeSignal>();
        services.AddMetrics<RemovalMetrics>();
        services.AddSingleton<SchemaMigration>();
        services.AddHostedService(provider => provider.GetRequiredService<SchemaMigration>());
    }

    /// <returns>What a connection string of its own says; null where there is none, or it says nothing.</returns>
    private static int? SizeOfReads(NpgsqlConnectionStringBuilder? ofReads) => ofReads?.Names(ConnectionStrings.MaximumPoolSize) == true ? ofReads.MaxPoolSize : null;

    /// <summary>Statements belong to a request or a commit. What looks for work in the background would be a trace each time.</summary>
    private static void ConfigureTraces(NpgsqlTracingOptionsBuilder traces) => traces
        .ConfigureCommandFilter(_ => Activity.Current is not null)
        .ConfigureBatchFilter(_ => Activity.Current is not null)
        .EnablePhysicalOpenTracing(false);

    private static NpgsqlDataSource CreateReadDataSource(NpgsqlConnectionStringBuilder connectionString, IServiceProvider provider, int size)
    {
        var timeout = (int)Math.Ceiling(provider.GetRequiredService<IOptions<QueryOptions>>().Value.Timeout.TotalSeconds) + BeyondDeadline;
        return CreateDataSource(connectionString, provider, MainPool + "-reads", size, settings =>
        {
            WaitBriefly(settings);
            if (!settings.Names(ConnectionStrings.CommandTimeout) || settings.CommandTimeout == 0 || settings.CommandTimeout > timeout)
                settings.CommandTimeout = timeout;
        });
    }

    /// <summary>A request waits no longer than its sender likes to.</summary>
    private static void WaitBriefly(NpgsqlConnectionStringBuilder settings)
    {
        AgeSoon(settings);
        if (!settings.Names(ConnectionStrings.Timeout) || settings.Timeout == 0)
            settings.Timeout = RequestsWait;
    }

    /// <summary>The receiving clears its pool when it meets a server that takes no writes; nobody does for what only reads, or seldom writes.</summary>
    private static void AgeSoon(NpgsqlConnectionStringBuilder settings)
    {
        if (!settings.Names(ConnectionStrings.ConnectionLifetime))
            settings.ConnectionLifetime = Lifetime;
    }

    private static void ForBackground(NpgsqlConnectionStringBuilder settings)
    {
        AgeSoon(settings);
        PlanAnew(settings);
    }

    private static void ForEvents(NpgsqlConnectionStringBuilder settings)
    {
        WaitBriefly(settings);
        PlanAnew(settings);
    }

    /// <summary>
    /// For work that is done in few, large statements: PostgreSQL plans each for the tables as they are. A prepared one may keep the plan that it
    /// got while they were empty, which reads all of them each time, until autovacuum has analysed them.
    /// </summary>
    private static void PlanAnew(NpgsqlConnectionStringBuilder settings) => settings.MaxAutoPrepare = 0;

    private static NpgsqlDataSource CreateDataSource(
        NpgsqlConnectionStringBuilder connectionString, IServiceProvider provider, string pool, int size, Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString.ConnectionString).UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>());
        var settings = source.ConnectionStringBuilder;
        configure?.Invoke(settings);

        // Statements that come again are prepared by the driver, reads and writes alike; unless the connection string says otherwise, as it must behind some poolers.
        if (!settings.Names(ConnectionStrings.MaxAutoPrepare))
            settings.MaxAutoPrepare = 50;
        if (!settings.Names(ConnectionStrings.AutoPrepareMinUsages))
            settings.AutoPrepareMinUsages = 2;
        if (!settings.Names(ConnectionStrings.WriteBufferSize))
            settings.WriteBufferSize = WriteBufferBytes;
        settings.ApplicationName ??= "callback-receiver";
        settings.ClientEncoding = "UTF8"; // whatever the environment says (PGCLIENTENCODING)
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, size);
        settings.MaxPoolSize = size;
        source.Name = pool; // in metrics; else they would show the connection string
        source.UsePhysicalConnectionInitializer(UnfitDatabaseException.ThrowIfUnfit, connection =>
        {
            UnfitDatabaseException.ThrowIfUnfit(connection);
            return Task.CompletedTask;
        });
        return source.ConfigureTracing(ConfigureTraces).Build();
    }
}
