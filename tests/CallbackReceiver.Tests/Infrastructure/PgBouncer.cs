using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A real PgBouncer before a database, which lends its sessions by the transaction: two transactions of a client are rarely in the same one.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>Few, so that clients share them.</summary>
    private const int Sessions = 6;

    private readonly Process process;
    private readonly DirectoryInfo directory;

    private PgBouncer(Process process, DirectoryInfo directory, string connectionString)
    {
        (this.process, this.directory) = (process, directory);
        ConnectionString = connectionString;
    }

    /// <summary>To the database through the pooler, as docs/operations.md says it must be.</summary>
    public string ConnectionString { get; }

    /// <summary>Where the program is; null where it is not installed.</summary>
    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "pgbouncer")).FirstOrDefault(File.Exists);

    /// <summary>Starts one, or skips the test where there is none to start.</summary>
    public static async Task<PgBouncer> StartAsync(string connectionString, string settings)
    {
        Assert.SkipWhen(Program is null, "pgbouncer is not installed (apt-get install pgbouncer)");
        var direct = new NpgsqlConnectionStringBuilder(connectionString);
        var port = FreePort();
        var directory = Directory.CreateTempSubdirectory("callback-receiver-pgbouncer-");
        var file = Path.Combine(directory.FullName, "pgbouncer.ini");
        await File.WriteAllTextAsync(file, $"""
            [databases]
            {direct.Database} = host={direct.Host} port={direct.Port} user={direct.Username} password='{direct.Password}'
            [pgbouncer]
            pool_mode = transaction
            default_pool_size = {Sessions}
            max_client_conn = 1000
            auth_type = any
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            """);
        var start = new ProcessStartInfo(Program!, [file]) { RedirectStandardError = true };
        if (Environment.UserName == "root")
        {
            // It refuses to run as root, and reads its file before it becomes another.
            start.ArgumentList.Insert(0, "-u");
            start.ArgumentList.Insert(1, "nobody");
        }

        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => TestContext.Current.SendDiagnosticMessage("{0}", line.Data ?? "");
        process.BeginErrorReadLine();
        var through = $"Host=127.0.0.1;Port={port};Database={direct.Database};Username={direct.Username};{settings}";
        var pooler = new PgBouncer(process, directory, through);
        await Eventually.HoldsAsync(pooler.AnswersAsync, "PgBouncer answers");
        return pooler;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
