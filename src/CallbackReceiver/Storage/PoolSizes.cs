namespace CallbackReceiver.Storage;

/// <summary>
/// How many connections each kind of work may have of those that the connection string allows in all (<c>Maximum Pool Size</c>). Reading has
/// the most, since a query may take seconds; receiving needs few, since a commit takes milliseconds and only its writers make any.
/// </summary>
/// <param name="Receiving">The writers of callbacks, the spool's drain, and what they have given up waiting for.</param>
/// <param name="Background">Projection, retention (two), the connection that is notified, gauges, unverified deliveries.</param>
/// <param name="Events">The backlog of events, for listeners.</param>
/// <param name="Managing">Erasing, replaying, raw bodies.</param>
/// <param name="Reading">Queries.</param>
internal sealed record PoolSizes(int Receiving, int Background, int Events, int Managing, int Reading)
{
    /// <summary>Where the connection string does not say: a PostgreSQL has 100 by default, and a person with psql wants one too.</summary>
    public const int Default = 80;

    /// <summary>With fewer, one kind of work would have to wait for another.</summary>
    public const int Least = 16;

    /// <summary>Shares out the connections.</summary>
    /// <param name="total">At least <see cref="Least"/>.</param>
    public static PoolSizes Of(int total)
    {
        var (receiving, background, events, managing) = (Math.Max(4, total / 4), Math.Max(6, total / 10), Math.Max(2, total / 20), Math.Max(2, total / 10));
        return new PoolSizes(receiving, background, events, managing, total - receiving - background - events - managing);
    }
}
