namespace CallbackReceiver.Access;

/// <summary>What a reader may do. Each is the name of an authorization policy as well.</summary>
internal static class AccessScopes
{
    /// <summary>Read meetings, and what the ledger says of deliveries.</summary>
    public const string Read = "read";

    /// <summary>Erase, replay, and see raw bodies.</summary>
    public const string Manage = "manage";

    public static readonly string[] All = [Read, Manage];
}
