namespace CallbackReceiver.Callbacks;

/// <summary>
/// Says which batches are worth an attempt to insert them as though all they hold were new. That is cheaper while it is true; a batch of
/// which PostgreSQL knows something already is written once in vain, and makes the server log an error.
/// </summary>
internal sealed class ConflictBackoff
{
    /// <summary>In smaller batches there is little to win: the commit is what takes time, and what comes again need not be logged as an error.</summary>
    public const int FewestDeliveries = 8;

    /// <summary>Where deliveries come again, as in a replay by the sender, many do: what is lost to attempts in vain stays under two percent.</summary>
    public const int BatchesAfterConflict = 64;

    private int batchesToWait;

    /// <summary>Whether to attempt it with a batch of so many deliveries.</summary>
    public bool Permits(int deliveries) => deliveries >= FewestDeliveries && (Volatile.Read(ref batchesToWait) <= 0 || Interlocked.Decrement(ref batchesToWait) < 0);

    /// <summary>Notes that an attempt was in vain.</summary>
    public void Conflicted() => Volatile.Write(ref batchesToWait, BatchesAfterConflict);
}
