using Npgsql;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>How much the spool takes before it is full.</summary>
internal enum SpoolRoom
{
    /// <summary>More than a round needs.</summary>
    Ample,

    /// <summary>Little, by <c>Spool:MaxBytes</c>.</summary>
    Quota,

    /// <summary>Little, by the size of its disk; by <c>Spool:MaxBytes</c> where this process may mount none.</summary>
    Disk,
}

/// <summary>What a fault needs there to be.</summary>
internal sealed record SiteShape(int Replicas = 1, SpoolRoom Room = SpoolRoom.Ample, bool HasStandby = false);

/// <summary>An installation of the service: replicas, each with a spool of its own, and PostgreSQL with or without a standby.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const long AmpleBytes = 1024L * 1024 * 1024;
    private const long LittleBytes = 256 * 1024;

    // What clients that are gone had begun, and what is to be done behind the commits.
    private const string SelectUnfinished = """
        SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid())
            + (SELECT count(*) FROM changes)
        """;

    private readonly string folder;
    private readonly List<ServiceProcess> services = [];
    private readonly bool hasSmallDisk;
    private PostgresNode? standby;
    private int nodes;

    private Site(string folder, PostgresNode postgres, bool hasSmallDisk)
    {
        this.folder = folder;
        this.hasSmallDisk = hasSmallDisk;
        Postgres = postgres;
    }

    public Workspace Workspace { get; } = new();

    /// <summary>The server that takes writes.</summary>
    public PostgresNode Postgres { get; private set; }

    public PostgresNode Standby => standby!;

    /// <summary>The replicas that callbacks are sent to.</summary>
    public IReadOnlyList<ServiceProcess> Services => services;

    /// <summary>The folder of a replica's spool.</summary>
    public static string SpoolOf(ServiceProcess service) => service.Settings!.SpoolDirectory;

    private string AmpleSpool => Path.Combine(folder, "spool");

    private string SmallSpool => Path.Combine(folder, "small-spool");

    public static async Task<Site> CreateAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var postgres = await PostgresNode.CreateAsync(Path.Combine(folder, "postgres-0"), cancellationToken);
        return new Site(folder, postgres, await SmallDisk.TryMountAsync(Path.Combine(folder, "small-spool"), LittleBytes, cancellationToken));
    }

    /// <summary>Brings the site into the shape, everything running and ready. What is right already stays as it is.</summary>
    public async Task PrepareAsync(SiteShape shape, CancellationToken cancellationToken)
    {
        if (shape.HasStandby && standby is null)
            standby = await Postgres.FollowAsync(NextNode(), cancellationToken);
        else if (!shape.HasStandby && standby is not null)
            await RemoveStandbyAsync(cancellationToken);

        while (services.Count > shape.Replicas)
            await RemoveServiceAsync(cancellationToken);
        while (services.Count < shape.Replicas)
            services.Add(new ServiceProcess(Path.Combine(folder, $"service-{services.Count}")));
        var settings = SettingsOf(shape);
        await Task.WhenAll(services.Select((service, number) =>
            PrepareAsync(service, settings with { SpoolDirectory = Path.Combine(settings.SpoolDirectory, $"replica-{number}") }, cancellationToken)));
        await WaitUntilQuietAsync(cancellationToken);
    }

    /// <summary>The primary is dead; its standby takes its place.</summary>
    public async Task FailOverAsync(CancellationToken cancellationToken)
    {
        await Standby.PromoteAsync(cancellationToken);
        await Postgres.RemoveAsync(cancellationToken);
        (Postgres, standby) = (Standby, null);
    }

    /// <summary>Returns once every replica is ready, the spool is empty, and PostgreSQL has nothing more to do.</summary>
    public Task WaitUntilQuietAsync(CancellationToken cancellationToken) => Patience.UntilAsync(
        async () =>
        {
            foreach (var service in services)
            {
                if (!await service.IsReadyAsync(cancellationToken) || await service.CountSpooledAsync(cancellationToken) > 0)
                    return false;
            }

            return await IsIdleAsync(cancellationToken);
        },
        "all is ready, the spool empty and PostgreSQL idle",
        cancellationToken);

    /// <summary>The files of spools that were moved aside as damaged.</summary>
    public string[] DamagedSpools() =>
        [.. new[] { AmpleSpool, SmallSpool }.Where(Directory.Exists).SelectMany(spool => Directory.GetFiles(spool, "*damaged*", SearchOption.AllDirectories))];

    /// <summary>What the servers have said last, for the reader of a failure.</summary>
    public string Logs() => string.Join('\n', services.Select(service => service.LastLines()).Append(Postgres.Log));

    public async ValueTask DisposeAsync()
    {
        services.ForEach(service => service.Dispose());
        standby?.Dispose();
        Postgres.Dispose();
        await Task.CompletedTask;
    }

    private static async Task PrepareAsync(ServiceProcess service, ServiceSettings settings, CancellationToken cancellationToken)
    {
        if (service.IsRunning && service.Settings == settings)
            return;
        if (service.IsRunning)
            await service.StopAsync(cancellationToken);
        await service.StartAsync(settings, cancellationToken);
    }

    private async Task RemoveServiceAsync(CancellationToken cancellationToken)
    {
        await services[^1].StopAsync(cancellationToken);
        services[^1].Dispose();
        services.RemoveAt(services.Count - 1);
    }

    private async Task RemoveStandbyAsync(CancellationToken cancellationToken)
    {
        await Postgres.ForgetStandbyAsync(cancellationToken);
        await Standby.RemoveAsync(cancellationToken);
        standby = null;
    }

    private ServiceSettings SettingsOf(SiteShape shape) => new(
        Workspace,
        shape.HasStandby ? BothNodes() : Postgres.ConnectionString,
        shape.Room == SpoolRoom.Disk ? SmallSpool : AmpleSpool,
        shape.Room == SpoolRoom.Quota || (shape.Room == SpoolRoom.Disk && !hasSmallDisk) ? LittleBytes : AmpleBytes);

    private string BothNodes() => new NpgsqlConnectionStringBuilder(Postgres.ConnectionString)
    {
        Host = $"{Postgres.EndPoint},{Standby.EndPoint}",
        TargetSessionAttributes = "read-write",
        HostRecheckSeconds = 1,
        CommandTimeout = 2, // soon over, for the fault that needs it to be
    }.ConnectionString;

    private string NextNode() => Path.Combine(folder, $"postgres-{++nodes}");

    private async Task<bool> IsIdleAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Postgres.QueryAsync<long>(SelectUnfinished, cancellationToken) is [0];
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
