using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Access;

/// <summary>Where secrets come from, and that they go nowhere. <see cref="LogTests"/> looks at the logs more closely.</summary>
public sealed class SecretTests(Receiver receiver) : IClassFixture<Receiver>, IDisposable
{
    private const string FromEnvironment = "sE1cR2eT3fR4oM5eN6vI7rO8nM9eN0tA";
    private const string FromFile = "sE1cR2eT3fR4oM5fI6lE7sE8cR9eT0bB";
    private const string FromUserSecrets = "sE1cR2eT3fR4oM5uS6eR7sE8cR9eT0cC";
    private const string ApiKey = "secret-api-key-of-the-test";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("callback-receiver-secrets-");

    public static TheoryData<string, string> Sources => new() { { "environment", FromEnvironment }, { "file", FromFile }, { "user-secrets", FromUserSecrets } };

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Signing_key_is_taken_from(string source, string key)
    {
        await using var service = await StartAsync();

        var answer = await service.PostAsync(source, CallbackBuilder.Captured().Build(), key);

        Assert.Equal((200, source), (answer.Status, answer["workspace_id"]));
        Assert.Equal(200, (await service.GetAsync($"/api/v1/workspaces/{source}/meetings", ApiKey)).Status);
    }

    [Fact]
    public async Task No_answer_document_or_log_holds_a_secret()
    {
        await using var service = await StartAsync();
        var body = new CallbackBuilder { WorkspaceId = "environment" }.Build();
        var large = new CallbackBuilder { Summary = new string('x', 100_000) }.Build();
        var signature = CallbackBuilder.Sign(body, FromEnvironment);
        var answers = new List<Answer>
        {
            await service.PostAsync("environment", body, FromEnvironment),
            await service.PostAsync("environment", body, FromEnvironment),
            await service.PostAsync("environment", body, FromFile),
            await service.PostAsync("file", body, FromFile),
            await service.PostAsync("nowhere", body, FromFile),
            await service.PostAsync("file", large, FromFile),
            await service.PostAsync("file", "not json"u8.ToArray(), FromFile),
            await service.SendAsync("/callbacks/file", body, signature, request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", "gzip")),
            await service.SendAsync("/callbacks/environment", [.. body, 32], signature),
        };
        Assert.Equal([200, 200, 401, 403, 401, 413, 202, 415, 401], answers.Select(answer => answer.Status));
        string[] paths =
        [
            "/swagger/v1/swagger.json", "/swagger/index.html", "/healthz/live", "/healthz/ready", "/metrics", "/", "/appsettings.json", "/api/v1/workspaces",
            "/api/v1/workspaces/environment/meetings", "/api/v1/workspaces/environment/meetings?limit=x", "/api/v1/workspaces/environment/deliveries",
            "/api/v1/workspaces/environment/meetings/none", "/api/v1/workspaces/environment/deliveries/" + answers[0]["delivery_id"],
        ];
        foreach (var path in paths)
        {
            answers.Add(await service.GetAsync(path, ApiKey));
            answers.Add(await service.GetAsync(path, "wrong-" + ApiKey));
            answers.Add(await service.GetAsync(path, apiKey: null));
        }

        var written = answers.Select(answer => $"{answer.Body}\n{string.Join('\n', answer.Headers)}").Append(service.Log);
        string[] secrets = [FromEnvironment, FromFile, FromUserSecrets, ApiKey, Keys.Digest(ApiKey), signature, Password()];
        Assert.All(written, text => Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Passwrd=canary-5f1c")]
    [InlineData("canary-5f1c")]
    [InlineData("Host=127.0.0.1;Port=canary-5f1c")]
    public async Task Wrong_connection_string_is_named_and_not_repeated(string connectionString)
    {
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = connectionString });

        Assert.Equal(1, exitCode);
        Assert.Contains("ConnectionStrings:CallbackReceiver:", log, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-5f1c", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    /// <summary>A service on a developer's machine, with a signing key from each source.</summary>
    private Task<ReceiverProcess> StartAsync()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "Workspaces__file__Keys__0"), FromFile);
        var userSecrets = Directory.CreateDirectory(Path.Combine(directory.FullName, ".microsoft", "usersecrets", "callback-receiver"));
        File.WriteAllText(Path.Combine(userSecrets.FullName, "secrets.json"), JsonSerializer.Serialize(new Dictionary<string, string> { ["Workspaces:user-secrets:Keys:0"] = FromUserSecrets }));
        return receiver.StartAsync(
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("DOTNET_ENVIRONMENT", "Development"), ("HOME", directory.FullName),
            ("Secrets:Directory", directory.FullName), ("Callbacks:MaxBodyBytes", "100000"), ("Workspaces:environment:Keys:0", FromEnvironment),
            ("ApiKeys:9:Name", "test"), ("ApiKeys:9:Sha256", Keys.Digest(ApiKey)), ("ApiKeys:9:Workspaces:0", "*"), ("ApiKeys:9:Scopes:0", "read"));
    }

    private string Password() => new Npgsql.NpgsqlConnectionStringBuilder(receiver.ConnectionString).Password is { Length: > 8 } password ? password : FromFile;
}
