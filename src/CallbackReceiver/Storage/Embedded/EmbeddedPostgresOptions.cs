namespace CallbackReceiver.Storage.Embedded;

/// <summary>The configuration section <c>EmbeddedPostgres</c>: the service's own PostgreSQL, used where no connection string is set.</summary>
internal sealed record EmbeddedPostgresOptions
{
    public const string Section = "EmbeddedPostgres";

    /// <summary>The oldest PostgreSQL the service's schema and statements work with.</summary>
    public const int OldestMajor = 15;

    /// <summary>
    /// The folder for data, password, log and fetched programs. Default: <c>$XDG_STATE_HOME/callback-receiver</c>
    /// or <c>~/.local/state/callback-receiver</c> (Windows: the local application data); for root <c>/var/lib/callback-receiver</c>.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The folder of <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c> to use before any other.</summary>
    public string? BinDirectory { get; set; }

    /// <summary>Where to look for PostgreSQL's programs; null: PATH and the usual places of this operating system.</summary>
    public IReadOnlyList<string>? SearchDirectories { get; set; }

    /// <summary>The Maven repository to fetch PostgreSQL's programs from where the machine has none; null: Maven Central.</summary>
    public string? MavenRepository { get; set; }

    /// <summary>The version to fetch: a major one (<c>17</c>, its newest release) or an exact one (<c>17.6.0</c>).</summary>
    public string Version { get; set; } = "17";

    /// <summary>
    /// How long PostgreSQL may go without any progress while it comes up or stops. A recovery after a crash is waited for as long as it makes some.
    /// </summary>
    public TimeSpan StartupTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>More of PostgreSQL's settings (<c>postgres -c name=value</c>); they win over the service's own.</summary>
    public IDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();
}
