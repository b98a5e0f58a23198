namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>What waits in the spool.</summary>
/// <param name="Deliveries">Deliveries that wait to be stored, whatever for.</param>
/// <param name="Bytes">What they take, in bytes.</param>
/// <param name="Held">Those of them that PostgreSQL refused or kept waiting although it took others; they are tried ever more rarely.</param>
/// <param name="OfOtherDatabases">Those of them that were received for another database.</param>
/// <param name="Damaged">Deliveries whose bytes are not those that were received, and files that were moved aside or cannot be read.</param>
/// <param name="OldestReceivedAt">When the first of those that wait was received; null where none waits.</param>
internal readonly record struct SpoolDepth(long Deliveries, long Bytes, long Held, long OfOtherDatabases, long Damaged, DateTimeOffset? OldestReceivedAt);
