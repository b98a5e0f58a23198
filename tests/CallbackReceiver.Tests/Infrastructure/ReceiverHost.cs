using CallbackReceiver.Callbacks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The whole service in this process, on a port of its own of this machine. Several may share a database.</summary>
internal sealed class ReceiverHost : IAsyncDisposable
{
    private readonly Factory factory;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ReceiverHost(Factory factory, CapturedLogs logs)
    {
        this.factory = factory;
        Logs = logs;
        Lifetime = factory.Services.GetRequiredService<IHostApplicationLifetime>();
        Lifetime.ApplicationStopped.Register(stopped.SetResult);
        Address = new Uri(factory.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new CallbackClient(Address);
    }

    public Uri Address { get; }

    public CallbackClient Client { get; }

    public CapturedLogs Logs { get; }

    public IHostApplicationLifetime Lifetime { get; }

    public IServiceProvider Services => factory.Services;

    /// <summary>
    /// Starts a host. Unless its settings say otherwise it has the settings of <see cref="Keys"/>, no spool, and endless patience
    /// with PostgreSQL, so that a slow machine answers late and not otherwise.
    /// </summary>
    public static async Task<ReceiverHost> StartAsync(string connectionString, ReceiverSettings? settings = null)
    {
        settings ??= new ReceiverSettings();
        var logs = CapturedLogsSink.StartCapturing();
        var factory = new Factory(connectionString, settings);
        factory.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        try
        {
            factory.StartServer();
            var host = new ReceiverHost(factory, logs);
            if (settings.WaitUntilReady)
                await Eventually.HoldsAsync(async () => await host.Client.IsReadyAsync(), "the service is ready");
            return host;
        }
        catch
        {
            await factory.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops as SIGTERM does: no new requests, an answer for each that is under way.</summary>
    public async Task StopAsync()
    {
        Lifetime.StopApplication();
        await stopped.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await factory.DisposeAsync();
    }

    private sealed class Factory(string connectionString, ReceiverSettings settings) : WebApplicationFactory<Program>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            // The service reads some settings before its host is built. These come to it as command line arguments, which are there from the first line on.
            builder.UseEnvironment(Environments.Production);
            foreach (var (key, value) in Defaults().Concat(settings.Values))
                builder.UseSetting(key, value);
            builder.ConfigureAppConfiguration(configuration => settings.Configuration?.Invoke(configuration));
            builder.ConfigureTestServices(services =>
            {
                services.Replace(ServiceDescriptor.Singleton(settings.Time));
                if (settings.IsPatientWithPostgres ?? settings.Time is EndlessPatience or MovableTime)
                    services.Replace(ServiceDescriptor.Singleton(settings.Patience));
                if (settings.Time is MovableTime time)
                    services.Replace(ServiceDescriptor.Singleton<AskDatabaseTime>(_ => Task.FromResult(time.RightTime)));
            });
        }

        private Dictionary<string, string?> Defaults()
        {
            var defaults = new Dictionary<string, string?>
            {
                ["ConnectionStrings:CallbackReceiver"] = connectionString,
                ["Spool:MaxBytes"] = "0",
                ["Serilog:MinimumLevel:Default"] = "Warning",
                ["Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime"] = "Warning",
                ["Serilog:MinimumLevel:Override:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Fatal", // not ready yet is no error of a test
            };
            foreach (var (key, value) in CapturedLogsSink.Settings)
                defaults[key] = value;
            foreach (var (key, value) in Keys.Settings.Where(setting => settings.WithWorkspaces || !setting.Key.StartsWith("Workspaces:", StringComparison.Ordinal)))
                defaults[key] = value;
            return defaults;
        }
    }
}
