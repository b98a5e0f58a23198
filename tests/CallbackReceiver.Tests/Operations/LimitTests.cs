using System.Net.Sockets;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations;

/// <summary>What any client, whoever it is, cannot do to the others.</summary>
public sealed class LimitTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const int Connections = 500;
    private const int BodyBytes = 8 * 1024 * 1024;

    [Fact]
    public async Task Body_that_takes_too_long_is_answered_408_and_the_connection_closed()
    {
        await using var service = await receiver.StartAsync(("Callbacks:BodyTimeout", "00:00:01"));

        var answer = await SendAsync(service, RawHttp.Head(service.Address, "/callbacks/demo", ["Content-Length: 1000"], close: false), "{\"event"u8.ToArray());

        AssertProblem("408", "unreadable-body", answer);
    }

    [Fact]
    public async Task Body_that_comes_too_slowly_is_answered_408()
    {
        await using var service = await receiver.StartAsync(("Callbacks:BodyTimeout", "01:00:00"), ("Limits:BodyBytesPerSecond", "100000"));

        var answer = await SendAsync(service, RawHttp.Head(service.Address, "/callbacks/demo", ["Transfer-Encoding: chunked"], close: false), "7\r\n{\"event\r\n"u8.ToArray());

        AssertProblem("408", "unreadable-body", answer);
    }

    [Fact]
    public async Task Header_that_takes_too_long_or_is_too_long_is_refused()
    {
        await using var service = await receiver.StartAsync(("Limits:HeaderTimeout", "00:00:01"), ("Limits:HeaderBytes", "2048"), ("Limits:HeaderLines", "10"));

        var slow = await SendAsync(service, "POST /callbacks/demo HTTP/1.1\r\nHost: localhost\r\nX-Slow: "u8.ToArray());
        var large = await SendAsync(service, RawHttp.Head(service.Address, "/callbacks/demo", [$"X-Large: {new string('x', 3000)}"]));
        var many = await SendAsync(service, RawHttp.Head(service.Address, "/callbacks/demo", Enumerable.Range(0, 20).Select(i => $"X-{i}: x")));

        Assert.StartsWith("HTTP/1.1 408 ", slow, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", large, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431 ", many, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_over_the_limit_are_closed_and_taken_again_when_others_end()
    {
        await using var service = await receiver.StartAsync(("Limits:Connections", "12"));
        service.Http.DefaultRequestHeaders.ConnectionClose = true;
        var open = new List<TcpClient>();
        try
        {
            // Each has a request under way, so that none gives way. A connection that has ended may be counted a moment longer.
            foreach (var address in new[] { "127.0.0.2", "127.0.0.3", "127.0.0.4" })
            {
                await Eventually.HoldsAsync(async () =>
                {
                    var connection = await RawHttp.ConnectAsync(service.Address, address);
                    if (await IsBegunAsync(connection, service.Address))
                        open.Add(connection);
                    else
                        connection.Dispose();
                    return open.Count % 3 == 0;
                }, "three connections are kept");
            }

            Assert.False(await IsAnsweredAsync(service));
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }

        await Eventually.HoldsAsync(async () => await IsAnsweredAsync(service));
    }

    [Fact]
    public async Task Five_hundred_slow_bodies_of_8_MiB_take_less_than_a_gigabyte_and_others_are_answered_meanwhile()
    {
        await using var service = await receiver.StartAsync(("Callbacks:BodyTimeout", "00:00:15"));
        using var underWay = new CountdownEvent(Connections);
        var slow = Enumerable.Range(0, Connections).Select(_ => Task.Run(() => SendSlowlyAsync(service.Address, underWay, TestContext.Current.CancellationToken))).ToArray();
        await Eventually.HoldsAsync(() => Task.FromResult(underWay.IsSet), "all are sending");

        var answers = new List<Answer>();
        for (var i = 0; i < 50; i++)
            answers.Add(await service.PostAsync("demo", new CallbackBuilder().Build()));

        Assert.All(answers, answer => Assert.True(answer.Outcome is "stored" or "spooled", answer.ToString()));
        Assert.All(await Task.WhenAll(slow), status => Assert.True(status is "408" or "503", status));
        Assert.InRange(service.PeakWorkingSet, 1, 1_000_000_000);
        Assert.Equal("stored", (await service.PostAsync("demo", new CallbackBuilder { Summary = new string('x', 7_000_000) }.Build())).Outcome);
    }

    [Theory]
    [InlineData("Limits:Connections", "0")]
    [InlineData("Limits:HeaderBytes", "10")]
    [InlineData("Limits:HeaderLines", "1")]
    [InlineData("Limits:HeaderTimeout", "00:00:00")]
    [InlineData("Limits:IdleTimeout", "2.00:00:00")]
    [InlineData("Limits:BodyBytesPerSecond", "0")]
    [InlineData("Callbacks:BodyTimeout", "00:00:00")]
    public async Task Wrong_limit_stops_the_start_and_is_named(string key, string value)
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = receiver.ConnectionString,
            [key] = value,
        });

        Assert.Equal(1, exitCode);
        Assert.Contains(key + " is ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    /// <summary>Sends more than what a body may take without reserving memory, then a little at a time until the server answers.</summary>
    /// <returns>The status of the answer.</returns>
    private static async Task<string> SendSlowlyAsync(Uri address, CountdownEvent underWay, CancellationToken cancellationToken)
    {
        using var client = await RawHttp.ConnectAsync(address);
        var stream = client.GetStream();
        await stream.WriteAsync(RawHttp.Head(address, "/callbacks/demo", [$"Content-Length: {BodyBytes}", $"{CallbackClient.SignatureHeader}: {new string('a', 64)}"], close: false), cancellationToken);
        await stream.WriteAsync(new byte[128 * 1024], cancellationToken);
        underWay.Signal();
        var answer = new byte[64];
        var answered = stream.ReadAsync(answer, cancellationToken).AsTask();
        while (!answered.IsCompleted)
        {
            try
            {
                await stream.WriteAsync(new byte[4 * 1024], cancellationToken);
            }
            catch (IOException)
            {
                break; // it has answered and closed
            }

            await Task.WhenAny(answered, Task.Delay(200, cancellationToken));
        }

        return Encoding.ASCII.GetString(answer, 0, await answered).Split(' ')[1];
    }

    /// <summary>Sends, and reads until the server closes the connection.</summary>
    private static async Task<string> SendAsync(ReceiverProcess service, params byte[][] pieces)
    {
        using var client = await RawHttp.ConnectAsync(service.Address);
        foreach (var piece in pieces)
            await client.GetStream().WriteAsync(piece, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whether the server takes the beginning of a request, which asks it to say so.</summary>
    private static async Task<bool> IsBegunAsync(TcpClient connection, Uri address)
    {
        try
        {
            var stream = connection.GetStream();
            await stream.WriteAsync(RawHttp.Head(address, "/callbacks/demo", ["Content-Length: 100", "Expect: 100-continue"], close: false), TestContext.Current.CancellationToken);
            return await stream.ReadAsync(new byte[1024], TestContext.Current.CancellationToken) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<bool> IsAnsweredAsync(ReceiverProcess service)
    {
        try
        {
            return (await service.Http.GetAsync(new Uri("/healthz/live", UriKind.Relative), TestContext.Current.CancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void AssertProblem(string status, string type, string answer)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains($"urn:callback-receiver:problem:{type}", answer, StringComparison.Ordinal);
    }
}
