using CallbackReceiver.Tests.Infrastructure;

namespace SeaMeet.Tests.Infrastructure;

/// <summary>The tests that share a receiver.</summary>
[CollectionDefinition]
public sealed class WithReceiver : ICollectionFixture<ReceiverFixture>;

/// <summary>The one callback receiver of a test run, a process of its own on a database of its own, with the demo keys.</summary>
public sealed class ReceiverFixture(PostgresServer postgres) : IAsyncDisposable
{
    public const string Workspace = "demo";
    public const string SigningKey = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
    public const string ApiKey = "demo-api-key";
    private const string ApiKeyDigest = "ca6f2e39b2ff141859b18bb5283aadd5093c8ede2869f3656231a054e54bfc22";

    private readonly SemaphoreSlim gate = new(1);
    private readonly string spool = Path.Combine(Path.GetTempPath(), $"seameet-tests-spool-{Guid.NewGuid():N}");
    private string? connectionString;
    private ServerProcess? receiver;

    public async Task<ServerProcess> StartedAsync()
    {
        await gate.WaitAsync();
        try
        {
            return receiver ??= await StartAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (receiver is not null)
            await receiver.DisposeAsync();
        if (connectionString is not null)
            await postgres.DropDatabaseAsync(connectionString);
        if (Directory.Exists(spool))
            Directory.Delete(spool, recursive: true);
        gate.Dispose();
    }

    private async Task<ServerProcess> StartAsync()
    {
        connectionString = await postgres.CreateDatabaseAsync();
        return await ServerProcess.StartAsync("CallbackReceiver.dll", new Dictionary<string, string>
        {
            ["ConnectionStrings:CallbackReceiver"] = connectionString,
            ["Spool:Directory"] = spool,
            ["Workspaces:demo:Keys:0"] = SigningKey,
            ["ApiKeys:0:Name"] = "demo",
            ["ApiKeys:0:Sha256"] = ApiKeyDigest,
            ["ApiKeys:0:Workspaces:0"] = "demo",
            ["ApiKeys:0:Scopes:0"] = "read",
        });
    }
}
