using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations;

/// <summary>The web server's own limits, and how it stops.</summary>
internal static class ServerSetup
{
    /// <summary>What is read of a connection ahead of the service: the most that a sender's bytes take while its request waits.</summary>
    private const int ReadAheadBytes = 128 * 1024;

    /// <summary>What happens once in a while on a good line.</summary>
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For requests under way at SIGTERM. Container engines and orchestrators kill after 10 seconds or more: the rest is for storing what
    /// has been accepted.
    /// </summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(6);

    /// <summary>
    /// The settings of the service. They lie beside the program, wherever it is started from. Nothing of IIS, HTTP/3 and the like is loaded.
    /// </summary>
    /// <exception cref="ConfigurationException">A secret file cannot be used.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddSecretFiles();
        return builder;
    }

    public static void AddServer(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddMetrics<ConnectionMetrics>();
        services.AddSingleton<ClientConnections>();
        services.AddSingleton<ReaderRoom>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>, ClientConnections>((server, limits, connections) =>
        {
            Limit(server, limits.Value);
            server.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => connections.ServeAsync(connection, next)));
        });
        services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = ReadAheadBytes);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        services.AddProxies();
    }

    /// <summary>To stand behind the routing: what gets so far is of readers.</summary>
    public static void UseReaderRoom(this IApplicationBuilder app)
    {
        var room = app.ApplicationServices.GetRequiredService<ReaderRoom>();
        app.Use(next => http => room.InvokeAsync(http, next));
    }

    private static void Limit(KestrelServerOptions server, LimitOptions limits)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestHeadersTotalSize = limits.HeaderBytes;
        server.Limits.MaxRequestHeaderCount = limits.HeaderLines;
        server.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
        server.Limits.KeepAliveTimeout = limits.IdleTimeout;
        server.Limits.MinRequestBodyDataRate = new MinDataRate(limits.BodyBytesPerSecond, SlowStart);
        server.Limits.MaxRequestBufferSize = ReadAheadBytes;
        server.Limits.Http2.InitialConnectionWindowSize = ReadAheadBytes;
        server.Limits.Http2.InitialStreamWindowSize = ReadAheadBytes;
    }
}
