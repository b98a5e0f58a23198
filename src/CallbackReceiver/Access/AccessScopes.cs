namespace CallbackReceiver.Access;

/// <summary>What a reader may do. Each is the name of an authorization policy as well.</summary>
internal static class AccessScopes
{
    /// <summary>Read meetings, and what the ledger says of deliveries.</summary>
    public const string Read = "read";

    /// <summary>Erase, replay, see raw bodies and the audit.</summary>
    public const string Manage = "manage";

    /// <summary>Read <c>/metrics</c> from anywhere. It shows all workspaces, so that the reader must be one who sees all.</summary>
    public const string Metrics = "metrics";

    public static readonly string[] All = [Read, Manage, Metrics];
}
