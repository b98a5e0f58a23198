using System.Net;
using System.Net.Sockets;

namespace CallbackReceiver.Operations;

/// <summary>An address that the web server listens on, as it is configured.</summary>
/// <param name="Url">Such as <c>http://*:8080</c> or <c>https://[::1]:8443</c>.</param>
/// <param name="IsHttp2Only">Whether HTTP/1.1 is not spoken there.</param>
internal sealed record ListeningAddress(string Url, bool IsHttp2Only)
{
    private const string DefaultUrl = "http://localhost:5000";
    private const string Endpoints = "Kestrel:Endpoints";
    private const string Protocols = "Protocols";
    private const string Http2 = "Http2";

    /// <summary>Whether <c>Kestrel:Endpoints</c> says where the web server listens, over all other settings.</summary>
    public static bool AreEndpoints(IConfiguration configuration) => configuration.GetSection(Endpoints).GetChildren().Any();

    /// <summary>All of them, whichever way they are configured, in the order in which the web server itself would decide.</summary>
    public static IReadOnlyList<ListeningAddress> Of(IConfiguration configuration)
    {
        if (AreEndpoints(configuration))
            return [.. configuration.GetSection(Endpoints).GetChildren().Select(endpoint => Of(endpoint["Url"] ?? "", configuration, endpoint[Protocols]))];

        string[] urls = configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } configured
            ? SplitList(configured)
            : [.. UrlsOf("http", WebHostDefaults.HttpPortsKey), .. UrlsOf("https", WebHostDefaults.HttpsPortsKey)];
        return [.. (urls.Length > 0 ? urls : [DefaultUrl]).Select(url => Of(url, configuration))];

        IEnumerable<string> UrlsOf(string scheme, string key) => SplitList(configuration[key] ?? "").Select(port => $"{scheme}://*:{port}");
    }

    /// <summary>One of them, with the protocols that are usual where it has none of its own.</summary>
    public static ListeningAddress Of(string url, IConfiguration configuration, string? protocols = null) =>
        new(url, Http2.Equals(protocols ?? configuration[$"Kestrel:EndpointDefaults:{Protocols}"], StringComparison.OrdinalIgnoreCase));

    /// <summary>Where a process on the same machine reaches the address.</summary>
    /// <exception cref="FormatException">The URL is none.</exception>
    public IEnumerable<EndPoint> Reachable()
    {
        var binding = BindingAddress.Parse(Url);
        if (binding.IsUnixPipe)
            return [new UnixDomainSocketEndPoint(binding.UnixPipePath)];

        // A name other than localhost is bound to every address, as * is.
        IPAddress[] addresses = IPAddress.TryParse(binding.Host, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? [address]
            : [IPAddress.Loopback, IPAddress.IPv6Loopback];
        return addresses.Select(loopback => new IPEndPoint(loopback, binding.Port));
    }

    /// <summary>Adds a port of its own to those that the web server listens on, whichever way they are configured.</summary>
    public static void Add(WebApplicationBuilder builder, string name, int port)
    {
        var url = $"http://*:{port}";
        if (AreEndpoints(builder.Configuration))
            builder.Configuration.AddInMemoryCollection([new($"{Endpoints}:{name}:Url", url)]);
        else
            builder.WebHost.UseUrls([.. Of(builder.Configuration).Select(other => other.Url), url]);
    }

    private static string[] SplitList(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
