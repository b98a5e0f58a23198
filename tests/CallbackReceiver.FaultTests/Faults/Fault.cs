using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Faults;

/// <summary>Breaks something while callbacks come in, and brings it back before it returns.</summary>
internal delegate Task Strike(Site site, Moments moments);

/// <summary>One way in which an installation breaks.</summary>
/// <param name="Name">What the command line and the report call it.</param>
/// <param name="Shape">What it needs there to be.</param>
/// <param name="StrikeAsync">What happens.</param>
internal sealed record Fault(string Name, SiteShape Shape, Strike StrikeAsync)
{
    /// <summary>Whether a replica goes away, and with it the connections to it: else every callback must have its answer.</summary>
    public bool StopsService { get; init; }

    /// <summary>Whether the spool may be full: else none may be refused.</summary>
    public bool FillsSpool { get; init; }

    public static readonly IReadOnlyList<Fault> All =
    [
        new("service-killed", new SiteShape(), ServiceFaults.KillAsync) { StopsService = true },
        new("service-stopped", new SiteShape(), ServiceFaults.StopAsync) { StopsService = true },
        new("service-stopped-while-postgres-frozen", new SiteShape(), ServiceFaults.StopWhileFrozenAsync) { StopsService = true },
        new("replica-killed", new SiteShape(Replicas: 2), ServiceFaults.KillReplicaAsync) { StopsService = true },
        new("postgres-killed", new SiteShape(), PostgresFaults.KillAsync),
        new("backend-killed", new SiteShape(), PostgresFaults.KillBackendAsync),
        new("postgres-frozen", new SiteShape(), PostgresFaults.FreezeAsync),
        new("postgres-frozen-and-killed", new SiteShape(Replicas: 2), PostgresFaults.FreezeAndKillAsync),
        new("postgres-read-only", new SiteShape(), PostgresFaults.ForbidWritingAsync),
        new("postgres-out-of-connections", new SiteShape(), PostgresFaults.TakeConnectionsAsync),
        new("both-killed", new SiteShape(), ServiceFaults.KillWithPostgresAsync) { StopsService = true },
        new("spool-over-quota", new SiteShape(Room: SpoolRoom.Quota), PostgresFaults.KillForLongAsync) { FillsSpool = true },
        new("spool-disk-full", new SiteShape(Replicas: 2, Room: SpoolRoom.Disk), PostgresFaults.KillForLongAsync) { FillsSpool = true },
        new("standby-killed", new SiteShape(HasStandby: true), StandbyFaults.KillStandbyAsync),
        new("standby-killed-then-failover", new SiteShape(HasStandby: true), StandbyFaults.KillStandbyThenFailOverAsync),
        new("failover", new SiteShape(HasStandby: true), StandbyFaults.FailOverAsync),
        new("rows-refused", new SiteShape(), RowFaults.RefuseAsync),
        new("rows-slow", new SiteShape(), RowFaults.SlowDownAsync),
        new("rows-end-their-sessions", new SiteShape(), RowFaults.EndSessionsAsync),
        new("rows-locked", new SiteShape(Replicas: 2), RowFaults.LockAsync),
        new("spool-deleted-while-postgres-away", new SiteShape(), SpoolFaults.DeleteAsync),
        new("slow-readers", new SiteShape(), ClientFaults.ReadSlowlyAsync),
        new("trickling-senders", new SiteShape(), ClientFaults.TrickleAsync),
    ];
}
