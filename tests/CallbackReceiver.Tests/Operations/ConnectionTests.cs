using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations;

/// <summary>Whoever holds connections open leaves some for callbacks.</summary>
public sealed class ConnectionTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const int Limit = 40;
    private const string Home = "127.0.0.1";

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")]
    [InlineData(Home)]
    public async Task Silent_connections_leave_room_for_callbacks(params string[] addresses)
    {
        await using var service = await StartAsync();
        using var open = await OpenAsync(service, addresses, 3 * Limit);
        using var sender = new Sender(service.Address, Home);
        using var another = new Sender(service.Address, "127.0.0.9");

        for (var i = 0; i < 5; i++)
        {
            await sender.PostTakenAsync(new CallbackBuilder());
            await another.PostTakenAsync(new CallbackBuilder());
        }
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")]
    public async Task Requests_of_strangers_that_do_not_end_leave_room_for_networks_that_have_signed(params string[] addresses)
    {
        await using var service = await StartAsync(("Limits:BodyBytesPerSecond", "1"));
        using var sender = new Sender(service.Address, Home);
        await sender.PostTakenAsync(new CallbackBuilder());
        using var open = await OpenAsync(service, addresses, 2 * Limit, RawHttp.Head(service.Address, "/callbacks/demo", ["Content-Length: 1000"], close: false));

        for (var i = 0; i < 5; i++)
            await sender.PostTakenAsync(new CallbackBuilder());
    }

    [Fact]
    public async Task Event_streams_leave_room_for_callbacks()
    {
        await using var service = await StartAsync();
        using var open = new Connections();
        var statuses = new List<string>();
        for (var i = 0; i < Limit; i++)
        {
            var stream = await open.AddAsync(service, "127.0.0.2");
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /api/v1/workspaces/demo/events HTTP/1.1\r\nHost: {service.Address.Authority}\r\nAuthorization: Bearer {Keys.ApiAll}\r\n\r\n"), TestContext.Current.CancellationToken);
            statuses.Add(await ReadStatusAsync(stream));
        }

        using var sender = new Sender(service.Address, Home);
        using var reader = new Sender(service.Address, "127.0.0.2");
        await sender.PostTakenAsync(new CallbackBuilder());
        await reader.PostTakenAsync(new CallbackBuilder());
        Assert.Equal(Limit / 4, statuses.Count(status => status == "200"));
        Assert.All(statuses, status => Assert.True(status is "200" or "503", status));
        Assert.Equal(200, (await service.GetAsync("/healthz/live", apiKey: null)).Status);
    }

    [Fact]
    public async Task A_connection_on_which_no_request_comes_is_closed()
    {
        await using var service = await StartAsync(("Limits:HeaderTimeout", "00:00:01"));
        using var open = new Connections();

        Assert.Equal(0, await (await open.AddAsync(service, Home)).ReadAsync(new byte[1], TestContext.Current.CancellationToken));

        Assert.NotEqual(0, (await MetricsPage.ReadAsync(service)).Sum("callback_receiver_connections_closed_total", ("reason", "silent")));
    }

    [Fact]
    public async Task A_known_proxy_may_have_more_connections_than_another_network()
    {
        await using var service = await StartAsync(("ForwardedHeaders:KnownNetworks:0", "127.0.0.2/32"), ("Limits:BodyBytesPerSecond", "1"));
        var begun = new Dictionary<string, int>();

        foreach (var address in new[] { "127.0.0.2", "127.0.0.3" })
        {
            using var open = new Connections();
            for (var i = 0; i < 30; i++)
            {
                var stream = await open.AddAsync(service, address);
                if (await IsBegunAsync(stream, service.Address))
                    begun[address] = begun.GetValueOrDefault(address) + 1;
            }
        }

        Assert.Equal((30, Limit / 2), (begun["127.0.0.2"], begun["127.0.0.3"]));
    }

    private Task<ReceiverProcess> StartAsync(params IEnumerable<(string Key, string Value)> changes) => receiver.StartAsync([("Limits:Connections", $"{Limit}"), .. changes]);

    private static async Task<Connections> OpenAsync(ReceiverProcess service, string[] addresses, int count, byte[]? first = null)
    {
        var open = new Connections();
        for (var i = 0; i < count; i++)
        {
            try
            {
                var stream = await open.AddAsync(service, addresses[i % addresses.Length]);
                if (first is not null)
                    await stream.WriteAsync(first, TestContext.Current.CancellationToken);
            }
            catch (IOException)
            {
                // The service has closed it already.
            }
        }

        return open;
    }

    private static async Task<bool> IsBegunAsync(NetworkStream stream, Uri address)
    {
        try
        {
            await stream.WriteAsync(RawHttp.Head(address, "/callbacks/demo", ["Content-Length: 1000", "Expect: 100-continue"], close: false), TestContext.Current.CancellationToken);
            return await stream.ReadAsync(new byte[1024], TestContext.Current.CancellationToken) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<string> ReadStatusAsync(NetworkStream stream)
    {
        var answer = new byte[1024];
        return Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer, TestContext.Current.CancellationToken)).Split(' ')[1];
    }

    private sealed class Connections : IDisposable
    {
        private readonly List<TcpClient> clients = [];

        public async Task<NetworkStream> AddAsync(ReceiverProcess service, string from)
        {
            clients.Add(await RawHttp.ConnectAsync(service.Address, from));
            return clients[^1].GetStream();
        }

        public void Dispose() => clients.ForEach(client => client.Dispose());
    }
}
