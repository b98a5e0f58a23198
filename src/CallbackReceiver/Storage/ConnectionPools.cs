namespace CallbackReceiver.Storage;

/// <summary>
/// The pools of connections beside that of receiving. Where one connection is broken, by a restart or a failover, so are the idle ones: each
/// would fail a request of its own. And those that stay with a server that is a standby now would go on failing, while new ones find the primary.
/// </summary>
internal sealed class ConnectionPools(ReadDatabase reading, EventDatabase events, ManageDatabase managing, BackgroundDatabase background)
{
    /// <summary>Gives up the idle connections at once, and those in use when they are given back.</summary>
    public void Clear()
    {
        reading.DataSource.Clear();
        events.DataSource.Clear();
        managing.DataSource.Clear();
        background.DataSource.Clear();
    }
}
