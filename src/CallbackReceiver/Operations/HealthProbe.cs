using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using CallbackReceiver.Operations.Logging;
using CallbackReceiver.Operations.Observing;

namespace CallbackReceiver.Operations;

/// <summary>
/// <c>CallbackReceiver health</c>: asks the service on this machine whether it is ready. A container's health check runs this, so that
/// the image needs neither a shell nor curl. It reads the same settings as the service, and so knows where that listens.
/// </summary>
internal static class HealthProbe
{
    public const string Command = "health";

    /// <summary>The first process of a container: the service, or what starts it.</summary>
    private const string FirstCommandLine = "/proc/1/cmdline";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="args">The command, and after it the service's own arguments, if it was started with any.</param>
    /// <returns>The exit code: 0 where the service is ready, else 1.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var configuration = ServerSetup.CreateBuilder(args.Length > 1 ? args[1..] : [.. ArgumentsOfContainer()]).Configuration;
            return await IsReadyAsync(configuration) ? 0 : 1;
        }
        catch (Exception wrong) when (wrong is ConfigurationException or FormatException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 1;
        }
    }

    /// <summary>Asks each address until one answers that the service is ready. They are all its own: which one answers does not matter.</summary>
    private static async Task<bool> IsReadyAsync(ConfigurationManager configuration)
    {
        using var patience = new CancellationTokenSource(Patience);
        foreach (var address in AddressesOf(configuration))
        {
            foreach (var endpoint in address.Reachable())
            {
                try
                {
                    var status = await AskAsync(address, endpoint, HostOf(configuration), patience.Token);
                    if (status == HttpStatusCode.OK)
                        return true;
                    await Console.Error.WriteLineAsync($"{address.Url} answers {(int)status}");
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    await Console.Error.WriteLineAsync(PrintableText.Of($"{address.Url} at {endpoint}: {exception.Message}"));
                }
            }
        }

        return false;
    }

    /// <summary>The port of the metrics where there is one: it is plain HTTP, whatever certificates the others have or want.</summary>
    private static IEnumerable<ListeningAddress> AddressesOf(ConfigurationManager configuration) =>
        configuration[MetricsOptions.PortKey] is { Length: > 0 } port ? [ListeningAddress.Of($"http://*:{port}", configuration)] : ListeningAddress.Of(configuration);

    private static async Task<HttpStatusCode> AskAsync(ListeningAddress address, EndPoint endpoint, string host, CancellationToken cancellationToken)
    {
        using var sockets = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellation) => await ConnectAsync(endpoint, cancellation),

            // The certificate is made out to the service's public name. Whoever could answer in its stead is on this machine, as the service.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        };
        using var http = new HttpClient(sockets);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{BindingAddress.Parse(address.Url).Scheme}://{host}{HealthSetup.ReadyPath}");
        if (address.IsHttp2Only)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        using var answer = await http.SendAsync(request, cancellationToken);
        return answer.StatusCode;
    }

    private static async Task<NetworkStream> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A name that the service answers to, where <c>AllowedHosts</c> names some.</summary>
    private static string HostOf(ConfigurationManager configuration) =>
        (configuration["AllowedHosts"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] && first is not ("*" or "[::]" or "0.0.0.0")
            ? first.Replace("*", "health", StringComparison.Ordinal)
            : "localhost";

    /// <summary>The arguments that a container's service was started with: its health check is not told of them.</summary>
    private static IEnumerable<string> ArgumentsOfContainer()
    {
        try
        {
            return File.Exists(FirstCommandLine)
                ? File.ReadAllText(FirstCommandLine).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                    .SkipWhile(argument => Path.GetFileNameWithoutExtension(argument) != typeof(HealthProbe).Assembly.GetName().Name).Skip(1)
                : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
