using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MysticMind.PostgresEmbed;

namespace CallbackReceiver.Tests.Storage.Embedded;

/// <summary>
/// A Maven repository on loopback, laid out as Maven Central is for the artifact that MysticMind.PostgresEmbed asks for
/// on this platform. The artifact is made from this machine's own PostgreSQL.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class MavenMirror : IAsyncLifetime
{
    public const string Version = "15.0.0";

    private readonly string folder = Directory.CreateTempSubdirectory("maven-").FullName;
    private readonly List<string> requests = [];
    private WebApplication? server;

    public string Url => server!.Urls.Single();

    /// <summary>The paths asked for so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (requests)
                return [.. requests];
        }
    }

    public async ValueTask InitializeAsync()
    {
        var artifact = $"embedded-postgres-binaries-{PgPlatform.Detect().ArtifactName}";
        var path = $"/io/zonky/test/postgres/{artifact}";
        var jar = await MakeJarAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        server = builder.Build();
        server.Use((context, next) =>
        {
            lock (requests)
                requests.Add(context.Request.Path);
            return next(context);
        });
        server.MapGet($"{path}/maven-metadata.xml", () => Results.Text(
            $"<metadata><versioning><versions><version>14.9.0</version><version>{Version}</version></versions></versioning></metadata>", "text/xml"));
        server.MapGet($"{path}/{Version}/{artifact}-{Version}.jar", () => Results.File(jar, "application/java-archive"));
        server.MapGet($"{path}/{Version}/{artifact}-{Version}.jar.sha256", async () =>
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(jar))));
        await server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>
    /// A jar with the one archive in it. PostgreSQL looks for lib and share relative to the program's real place, as they
    /// lay when it was built: the archive keeps Debian's tree, and its <c>bin</c>, where the library looks, links into it.
    /// </summary>
    private async Task<string> MakeJarAsync()
    {
        var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        foreach (var program in new[] { "postgres", "initdb", "pg_ctl" })
            File.CreateSymbolicLink(Path.Combine(bin, program), $"../usr/lib/postgresql/15/bin/{program}");
        var archive = Path.Combine(folder, "postgres.txz");
        using (var tar = Process.Start(new ProcessStartInfo("tar",
        [
            "-cf", archive, "-I", "xz -0", "--exclude=bitcode", "--exclude=llvmjit*", "--exclude=man", "-C", "/",
            "usr/lib/postgresql/15/bin/postgres", "usr/lib/postgresql/15/bin/initdb", "usr/lib/postgresql/15/bin/pg_ctl",
            "usr/lib/postgresql/15/lib", "usr/share/postgresql/15", "-C", folder, "bin",
        ]))!)
        {
            await tar.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, tar.ExitCode);
        }

        var jar = Path.Combine(folder, "postgres.jar");
        await using var zip = await ZipFile.OpenAsync(jar, ZipArchiveMode.Create, TestContext.Current.CancellationToken);
        await zip.CreateEntryFromFileAsync(archive, "postgres.txz", CompressionLevel.NoCompression, TestContext.Current.CancellationToken);
        return jar;
    }
}
