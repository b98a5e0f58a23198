using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace CallbackReceiver.Operations;

/// <summary>
/// Whose word is taken for where a request came from: <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> count only from the proxies of
/// <c>ForwardedHeaders:KnownProxies</c> and <c>ForwardedHeaders:KnownNetworks</c>, through as many of them as stand one behind the other.
/// From anyone else the headers are ignored, else a client could choose the address that its bad signatures are counted for.
/// </summary>
internal static class Proxies
{
    private const string Section = "ForwardedHeaders";
    private const string KnownProxies = $"{Section}:{nameof(KnownProxies)}";
    private const string KnownNetworks = $"{Section}:{nameof(KnownNetworks)}";

    public static void AddProxies(this IServiceCollection services) =>
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IConfiguration>(Configure).ValidateOnStart();

    public static void UseProxies(this IApplicationBuilder app) => app.UseForwardedHeaders();

    /// <summary>After the framework's own setting, which trusts anyone where the variable ASPNETCORE_FORWARDEDHEADERS_ENABLED is set.</summary>
    /// <exception cref="ConfigurationException">An address or a network is not one.</exception>
    private static void Configure(ForwardedHeadersOptions options, IConfiguration configuration)
    {
        var errors = new List<string>();
        var proxies = Read<IPAddress>(configuration, KnownProxies, IPAddress.TryParse, "an IP address such as 10.0.0.5", errors);
        var networks = Read<System.Net.IPNetwork>(configuration, KnownNetworks, System.Net.IPNetwork.TryParse, "a network such as 10.0.0.0/8", errors);
        if (errors.Count > 0)
            throw new ConfigurationException(errors);

        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        proxies.ForEach(options.KnownProxies.Add);
        networks.ForEach(options.KnownIPNetworks.Add);
        options.ForwardLimit = null;

        // With neither list the framework would trust anyone.
        options.ForwardedHeaders = proxies.Count + networks.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
    }

    private static List<T> Read<T>(IConfiguration configuration, string key, TryParse<T> tryParse, string expectation, List<string> errors)
    {
        var values = new List<T>();
        foreach (var section in configuration.GetSection(key).GetChildren())
        {
            if (tryParse(section.Value, out var value))
                values.Add(value!);
            else
                errors.Add($"{section.Path}: give {expectation}.");
        }

        return values;
    }

    private delegate bool TryParse<T>(string? text, out T? value);
}
