using CallbackReceiver.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace CallbackReceiver.Operations;

/// <summary>A connection of a client: where it is from, and whether a request is under way on it. It is a feature of its requests.</summary>
/// <param name="connections">Those it is one of.</param>
/// <param name="context">The connection as the web server has it.</param>
/// <param name="network">Where it is from.</param>
/// <param name="isOfProxy">Whether it comes from a known proxy, which stands for many clients.</param>
/// <param name="openedAt">A timestamp of the time provider.</param>
internal sealed class ClientConnection(ClientConnections connections, ConnectionContext context, ClientNetwork network, bool isOfProxy, long openedAt)
{
    private long since = openedAt;
    private int requests;
    private volatile bool hasSent;

    public ClientNetwork Network => network;

    public bool IsOfProxy => isOfProxy;

    /// <summary>Since when it is idle, or its request is under way: a timestamp of the time provider.</summary>
    public long Since => Volatile.Read(ref since);

    public bool IsIdle => Volatile.Read(ref requests) == 0;

    /// <summary>Whether no request has come on it yet.</summary>
    public bool IsSilent => !hasSent && IsIdle;

    /// <summary>
    /// Begins a request. In HTTP/2 a connection carries many at once: each beyond the first counts as one connection more, since it may take
    /// as much memory.
    /// </summary>
    /// <returns>False where there are too many; then it has not begun.</returns>
    public bool TryBegin()
    {
        hasSent = true;
        Volatile.Write(ref since, connections.Now);
        if (Interlocked.Increment(ref requests) == 1 || connections.TryAddRequest(network, isOfProxy))
            return true;
        Interlocked.Decrement(ref requests);
        return false;
    }

    public void End()
    {
        Volatile.Write(ref since, connections.Now);
        if (Interlocked.Decrement(ref requests) > 0)
            connections.RemoveRequest(network);
    }

    /// <summary>
    /// Ends it: an idle one in order, so that a request which comes in the same moment is answered yet; one with a request at once, since that
    /// is what it is closed for.
    /// </summary>
    public void Close()
    {
        if (IsIdle && context.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
            lifetime.RequestClose();
        else
            context.Abort(new ConnectionAbortedException("It gave way to another connection."));
    }
}
