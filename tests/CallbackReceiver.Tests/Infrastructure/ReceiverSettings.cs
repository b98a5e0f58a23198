using CallbackReceiver.Callbacks;
using Microsoft.Extensions.Configuration;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>What a test changes of a <see cref="ReceiverHost"/>.</summary>
internal sealed record ReceiverSettings
{
    /// <summary>Configuration values over the defaults.</summary>
    public Dictionary<string, string?> Values { get; init; } = [];

    /// <summary>More sources of configuration, added when the host is built.</summary>
    public Action<IConfigurationBuilder>? Configuration { get; init; }

    /// <summary>False where the test configures the workspaces by itself.</summary>
    public bool WithWorkspaces { get; init; } = true;

    /// <summary>False where PostgreSQL is away, or the test looks at the start.</summary>
    public bool WaitUntilReady { get; init; } = true;

    public TimeProvider Time { get; init; } = new EndlessPatience();

    /// <summary>Whether PostgreSQL may take any time for a batch; so it may, unless said otherwise, where the clock's timers never fire.</summary>
    public bool? IsPatientWithPostgres { get; init; }

    /// <summary>The patience with PostgreSQL, where there is one.</summary>
    public WriteLimits Patience { get; init; } = EndlessPatience.WithPostgres;
}
