using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CallbackReceiver.Operations;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CallbackReceiver.Tests.Operations;

/// <summary><c>CallbackReceiver health</c> asks where the service listens, whichever way that is configured.</summary>
public sealed class HealthProbeTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("callback-receiver-health-");

    /// <summary>Arguments, in which {0} is a port, {1} another, {2} a folder, {3} a certificate.</summary>
    public static TheoryData<string> Forms =>
    [
        "--urls=http://127.0.0.1:{0}",
        "--urls=http://localhost:{0}",
        "--urls=http://*:{0}",
        "--urls=http://+:{0}/",
        "--urls=http://0.0.0.0:{0}",
        "--urls=http://[::1]:{0}",
        "--urls=http://[::]:{0}",
        "--urls=http://any-name:{0}",
        "--urls=http://127.0.0.2:{0}",
        "--urls=http://unix:{2}/http.socket",
        "--urls=http://127.0.0.1:{0};http://[::1]:{1}",
        "--urls=https://127.0.0.1:{0} --Kestrel:Certificates:Default:Path={3}",
        "--urls=https://[::1]:{0} --Kestrel:Certificates:Default:Path={3}",
        "--http_ports={0}",
        "--http_ports={0};{1}",
        "--http_ports= --https_ports={0} --Kestrel:Certificates:Default:Path={3}",
        "--urls=http://127.0.0.1:{1} --Kestrel:Endpoints:Main:Url=http://127.0.0.1:{0}",
        "--Kestrel:Endpoints:Main:Url=https://[::1]:{0} --Kestrel:Endpoints:Main:Certificate:Path={3}",
        "--Kestrel:Endpoints:Main:Url=http://unix:{2}/kestrel.socket",
        "--Kestrel:Endpoints:Main:Url=http://127.0.0.1:{0} --Kestrel:Endpoints:Main:Protocols=Http2",
        "--urls=http://127.0.0.1:{0} --Kestrel:EndpointDefaults:Protocols=Http2",
        "--urls=http://127.0.0.1:{0} --AllowedHosts=calls.example.com;*.example.com",
    ];

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task It_asks_where_the_service_listens(string form)
    {
        var arguments = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, FreePort.Take(), FreePort.Take(), directory.FullName, Certificate()).Split(' ');
        var isReady = true;
        await using (await ListenAsync(arguments, () => isReady))
        {
            Assert.Equal(0, await HealthProbe.RunAsync([HealthProbe.Command, .. arguments]));
            isReady = false;
            Assert.Equal(1, await HealthProbe.RunAsync([HealthProbe.Command, .. arguments]));
        }

        Assert.Equal(1, await HealthProbe.RunAsync([HealthProbe.Command, .. arguments]));
    }

    [Fact]
    public async Task The_port_of_the_metrics_is_asked_where_there_is_one()
    {
        var port = FreePort.Take();
        await using var listening = await ListenAsync([$"--urls=http://127.0.0.1:{port}"], () => true);

        Assert.Equal(0, await HealthProbe.RunAsync([HealthProbe.Command, $"--Metrics:Port={port}", "--urls=https://calls.example.com"]));
        Assert.Equal(1, await HealthProbe.RunAsync([HealthProbe.Command, $"--Metrics:Port={FreePort.Take()}", $"--urls=http://127.0.0.1:{port}"]));
    }

    [Theory]
    [InlineData("--urls=nonsense")]
    [InlineData("--Secrets:Directory=/no/such/folder")]
    public async Task A_setting_that_is_none_is_no_health(string argument) => Assert.Equal(1, await HealthProbe.RunAsync([HealthProbe.Command, argument]));

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://[::1]:{0}")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{0}")]
    [InlineData("URLS", "http://127.0.0.1:{0}")]
    [InlineData("Kestrel__Endpoints__Main__Url", "http://127.0.0.1:{0}")]
    public async Task The_service_and_its_health_check_share_their_environment(string name, string value)
    {
        var environment = new Dictionary<string, string>
        {
            [name] = string.Format(System.Globalization.CultureInfo.InvariantCulture, value, FreePort.Take()),
            ["ConnectionStrings__CallbackReceiver"] = database.ConnectionString,
            ["Spool__MaxBytes"] = "0",
        };
        using var service = Start(environment);
        try
        {
            await Eventually.HoldsAsync(() => IsHealthyAsync(environment), "the service is healthy");
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(await IsHealthyAsync(environment));
    }

    private static async Task<bool> IsHealthyAsync(Dictionary<string, string> environment)
    {
        using var health = Start(environment, HealthProbe.Command);
        await health.WaitForExitAsync(TestContext.Current.CancellationToken);
        return health.ExitCode == 0;
    }

    private static Process Start(Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CallbackReceiver.dll"), .. arguments]);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        return Process.Start(start)!;
    }

    /// <summary>A web server as the service's own, that answers nothing but how ready it is.</summary>
    private static async Task<WebApplication> ListenAsync(string[] arguments, Func<bool> isReady)
    {
        var builder = ServerSetup.CreateBuilder(arguments);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet(HealthSetup.ReadyPath, () => Results.StatusCode(isReady() ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Made out to nobody who is asked for, by nobody who is known.</summary>
    private string Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=calls.example.com", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(-1));
        var path = Path.Combine(directory.FullName, "certificate.pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx));
        return path;
    }
}
