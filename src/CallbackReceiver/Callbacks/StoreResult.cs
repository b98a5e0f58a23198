namespace CallbackReceiver.Callbacks;

/// <summary>What became of one delivery of a batch while PostgreSQL took writes.</summary>
/// <param name="Receipt">The receipt, where it is committed.</param>
/// <param name="Failure">Why PostgreSQL does not take it, in words that quote no data; null where it is committed, or was not tried for want of time.</param>
/// <param name="Waited">Whether it failed because it waited for a lock, or took too long: then it may well be stored later.</param>
internal readonly record struct StoreResult(Receipt? Receipt, string? Failure = null, bool Waited = false);
