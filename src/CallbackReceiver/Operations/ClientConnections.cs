using System.Net;
using CallbackReceiver.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations;

/// <summary>
/// Bounds the connections that are open: all together, those of strangers (<see cref="VerifiedSenders"/>), and those of one network of
/// strangers; known proxies are no strangers. Where a bound is reached, a connection that is of little use gives way to a new one: one that
/// is idle, else one whose request has been under way for long. A connection on which no request comes is closed.
/// </summary>
internal sealed class ClientConnections : IDisposable
{
    /// <summary>No callback takes so long that was sent at once, since it is stored or spooled within two seconds.</summary>
    private static readonly TimeSpan LongRequest = TimeSpan.FromSeconds(10);

    /// <summary>For the web server to answer 408 first to a header that has begun to come.</summary>
    private static readonly TimeSpan AnswerFirst = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private readonly Dictionary<ClientNetwork, OfNetwork> networks = [];
    private readonly int most;
    private readonly int mostOfStrangers;
    private readonly int mostOfNetwork;
    private readonly TimeSpan silence;
    private readonly ForwardedHeadersOptions proxies;
    private readonly VerifiedSenders senders;
    private readonly ConnectionMetrics metrics;
    private readonly TimeProvider time;
    private readonly Timer looking;
    private int count;

    public ClientConnections(
        IOptions<LimitOptions> limits, IOptions<ForwardedHeadersOptions> proxies, VerifiedSenders senders, ConnectionMetrics metrics, TimeProvider time)
    {
        most = limits.Value.Connections;
        mostOfStrangers = Math.Max(1, most * 3 / 4);
        mostOfNetwork = (most + 1) / 2;
        silence = limits.Value.HeaderTimeout + AnswerFirst;
        this.proxies = proxies.Value;
        this.senders = senders;
        this.metrics = metrics;
        this.time = time;
        looking = new Timer(_ => CloseSilent(), null, Look, Look);
    }

    public long Now => time.GetTimestamp();

    /// <summary>Serves a connection that has been accepted, if there is room for it; else it is closed at once.</summary>
    public async Task ServeAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var address = (context.RemoteEndPoint as IPEndPoint)?.Address;
        var connection = new ClientConnection(this, context, ClientNetwork.Of(address), IsProxy(address), Now);
        if (!TryAdd(connection, out var givesWay))
        {
            metrics.Closed(ConnectionEnd.NoRoom);
            return;
        }

        Close(givesWay, ConnectionEnd.GaveWay);
        context.Features.Set(connection);
        try
        {
            await next(context);
        }
        finally
        {
            lock (sync)
                Remove(connection);
        }
    }

    public bool TryAddRequest(ClientNetwork network, bool isOfProxy)
    {
        lock (sync)
        {
            if (count >= most || !networks.TryGetValue(network, out var its) || (!isOfProxy && !senders.Include(network) && its.Count >= mostOfNetwork))
                return false;
            its.FurtherRequests++;
            count++;
            return true;
        }
    }

    public void RemoveRequest(ClientNetwork network)
    {
        lock (sync)
        {
            count--;
            var its = networks[network];
            its.FurtherRequests--;
            if (its.Count == 0)
                networks.Remove(network);
        }
    }

    public void Dispose() => looking.Dispose();

    /// <summary>A connection within this machine that has no address is a proxy's too.</summary>
    private bool IsProxy(IPAddress? address)
    {
        if (address is null)
            return true;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return proxies.KnownProxies.Contains(address) || proxies.KnownIPNetworks.Any(network => network.Contains(address));
    }

    /// <param name="connection">The new one.</param>
    /// <param name="givesWay">The one that is to be closed for it; it counts no more.</param>
    private bool TryAdd(ClientConnection connection, out ClientConnection? givesWay)
    {
        givesWay = null;
        lock (sync)
        {
            var isStranger = IsStranger(connection);
            if (isStranger && networks.TryGetValue(connection.Network, out var its) && its.Count >= mostOfNetwork)
                givesWay = LeastUseful([its]);
            else if (isStranger && count >= mostOfStrangers && networks.Values.Where(IsStranger).Sum(others => others.Count) >= mostOfStrangers)
                givesWay = LeastUseful(networks.Values.Where(IsStranger));
            else if (count >= most)
                givesWay = LeastUseful(networks.Values.Where(IsStranger)) ?? (isStranger ? null : LeastUseful(networks.Values));
            else
                return Add(connection);
            if (givesWay is null)
                return false;
            Remove(givesWay);
            return Add(connection);
        }
    }

    /// <summary>
    /// Of the network that has the most connections among those that have any of little use: the oldest on which no request has come, else the
    /// one that has been idle for the longest, else the one whose request has been under way for the longest.
    /// </summary>
    private ClientConnection? LeastUseful(IEnumerable<OfNetwork> among)
    {
        ClientConnection? found = null;
        foreach (var network in among.OrderByDescending(network => network.Count))
        {
            foreach (var connection in network.Connections)
            {
                if (found is null || UselessnessOf(connection).CompareTo(UselessnessOf(found)) > 0)
                    found = connection;
            }

            if (found is not null && (found.IsIdle || time.GetElapsedTime(found.Since) >= LongRequest))
                return found;
            found = null;
        }

        return null;
    }

    private static (bool IsIdle, bool IsSilent, long Age) UselessnessOf(ClientConnection connection) => (connection.IsIdle, connection.IsSilent, -connection.Since);

    private bool IsStranger(ClientConnection connection) => !connection.IsOfProxy && !senders.Include(connection.Network);

    private bool IsStranger(OfNetwork network) => network.Connections.Count > 0 && IsStranger(network.Connections.First());

    private bool Add(ClientConnection connection)
    {
        if (!networks.TryGetValue(connection.Network, out var its))
            networks[connection.Network] = its = new OfNetwork();
        count++;
        return its.Connections.Add(connection);
    }

    private void Remove(ClientConnection connection)
    {
        if (!networks.TryGetValue(connection.Network, out var its) || !its.Connections.Remove(connection))
            return;
        count--;
        if (its.Count == 0)
            networks.Remove(connection.Network);
    }

    private void CloseSilent()
    {
        List<ClientConnection> silent;
        lock (sync)
        {
            silent = [.. networks.Values.SelectMany(network => network.Connections).Where(connection => connection.IsSilent && time.GetElapsedTime(connection.Since) > silence)];
            silent.ForEach(Remove);
        }

        silent.ForEach(connection => Close(connection, ConnectionEnd.Silent));
    }

    private void Close(ClientConnection? connection, ConnectionEnd reason)
    {
        if (connection is null)
            return;
        metrics.Closed(reason);
        connection.Close();
    }

    private sealed class OfNetwork
    {
        public HashSet<ClientConnection> Connections { get; } = [];

        /// <summary>Requests under way beyond the first of their connection.</summary>
        public int FurtherRequests { get; set; }

        public int Count => Connections.Count + FurtherRequests;
    }
}
