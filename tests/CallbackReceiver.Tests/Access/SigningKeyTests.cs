using System.Text.Json;
using CallbackReceiver.Access;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;

namespace CallbackReceiver.Tests.Access;

public sealed class SigningKeyTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private const string NewKey = "nE3wK4eY5nE6wK7eY8nE9wK0eY1nE2wK";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("callback-receiver-keys-");

    public static TheoryData<string> BadKeys =>
    [
        "", " ", "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA ", "kW3vZ8sQ1nR6tY0p-5mD2xJ7cB4hF9gA", "kW3vZ8sQ1nR6tY0p\n", "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gé", "<the key>",
        new string('a', 257),
    ];

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Changed_keys_take_effect_without_a_restart()
    {
        var file = WriteJson(Keys.Demo);
        await using var host = await StartAsync(file);
        Assert.Equal(200, await StatusAsync(host, Keys.Demo));
        Assert.Equal(401, await StatusAsync(host, NewKey));

        WriteJson(NewKey);

        await Eventually.HoldsAsync(async () => await StatusAsync(host, NewKey) == 200, "the new key is taken");
        Assert.Equal(401, await StatusAsync(host, Keys.Demo));
    }

    [Fact]
    public async Task Both_keys_are_taken_during_a_rotation_and_a_workspace_can_come_and_go()
    {
        WriteJson(Keys.DemoOld);
        await using var host = await StartAsync(Path.Combine(directory.FullName, "keys.json"));
        WriteJson(Keys.Demo, Keys.DemoOld);
        await Eventually.HoldsAsync(async () => await StatusAsync(host, Keys.Demo) == 200, "the new key is taken");
        Assert.Equal(200, await StatusAsync(host, Keys.DemoOld));

        WriteJson();
        await Eventually.HoldsAsync(async () => await StatusAsync(host, Keys.Demo) == 401, "the workspace is gone");
        Assert.Equal(401, await StatusAsync(host, Keys.DemoOld));
    }

    [Fact]
    public async Task Wrong_change_keeps_the_keys_in_force_and_is_logged_without_its_value()
    {
        const string Wrong = "wrong-key-canary-93a1";
        await using var host = await StartAsync(WriteJson(Keys.Demo));

        WriteJson(NewKey, Wrong);

        await Eventually.HoldsAsync(() => Task.FromResult(host.Logs.Errors.Count > 0), "the wrong change is logged");
        var line = host.Logs.Errors.First();
        Assert.Contains("Workspaces:demo:Keys:1", line, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Logs.Lines, line => line.Contains(Wrong, StringComparison.Ordinal) || line.Contains(NewKey, StringComparison.Ordinal));
        Assert.Equal(200, await StatusAsync(host, Keys.Demo));
        Assert.Equal(401, await StatusAsync(host, NewKey));

        WriteJson(NewKey);
        await Eventually.HoldsAsync(async () => await StatusAsync(host, NewKey) == 200, "the mended change takes effect");
    }

    [Fact]
    public async Task Keys_come_from_files_and_follow_them()
    {
        var key = Path.Combine(directory.FullName, "Workspaces__demo__Keys__0");
        await File.WriteAllTextAsync(key, Keys.Demo + "\n", TestContext.Current.CancellationToken); // an editor ends a line
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
        {
            WithWorkspaces = false,
            Values = { ["Secrets:Directory"] = directory.FullName },
        });
        Assert.Equal(200, await StatusAsync(host, Keys.Demo));

        await File.WriteAllTextAsync(key, NewKey, TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync(async () => await StatusAsync(host, NewKey) == 200, "the new key is taken");
        Assert.Equal(401, await StatusAsync(host, Keys.Demo));
    }

    [Fact]
    public async Task Wrong_key_stops_the_start_and_is_named_without_its_value()
    {
        const string Wrong = "wrong-key-canary-17b2";
        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString,
            ["Workspaces:demo:Keys:1"] = Wrong,
            ["Workspaces:other:Keys:0"] = Keys.Demo,
        });
        Assert.Equal(1, exitCode);
        Assert.Contains("Workspaces:demo:Keys:1", log, StringComparison.Ordinal);
        Assert.Contains("Workspaces:other:Keys:0", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Wrong, log, StringComparison.Ordinal);
        Assert.DoesNotContain(Keys.Demo, log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void Key_that_is_not_letters_and_digits_is_refused_by_name(string key)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(("demo", "0", Keys.Demo), ("demo", "1", key)));
        Assert.StartsWith("Workspaces:demo:Keys:1:", refused.Message, StringComparison.Ordinal);
        if (key.Trim().Length > 0)
            Assert.DoesNotContain(key.Trim(), refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("other")]
    public void Same_key_in_two_places_is_refused(string second)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(("demo", "0", Keys.Demo), (second, "1", Keys.Demo)));
        Assert.StartsWith($"Workspaces:{second}:Keys:1:", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Keys.Demo, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_key_is_named_at_once()
    {
        var refused = Assert.Throws<ConfigurationException>(() => Read(("a", "0", "-"), ("b", "0", ""), ("c", "0", NewKey)));
        Assert.Contains("Workspaces:a:Keys:0:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Workspaces:b:Keys:0:", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Workspaces:c", refused.Message, StringComparison.Ordinal);
    }

    private static SigningKeys Read(params (string Workspace, string Index, string Value)[] keys) => SigningKeys.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(keys.Select(key => KeyValuePair.Create($"Workspaces:{key.Workspace}:Keys:{key.Index}", (string?)key.Value))).Build());

    private string WriteJson(params string[] keys)
    {
        var file = Path.Combine(directory.FullName, "keys.json");
        var workspaces = new Dictionary<string, object>();
        if (keys.Length > 0)
            workspaces["demo"] = new { Keys = keys };
        // Renamed into its place, as a careful editor does: the service never reads half a file.
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(new { Workspaces = workspaces }));
        File.Move(file + ".new", file, overwrite: true);
        return file;
    }

    private Task<ReceiverHost> StartAsync(string file) => ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
    {
        WithWorkspaces = false,
        Configuration = configuration => configuration.AddJsonFile(file, optional: false, reloadOnChange: true),
    });

    private static async Task<int> StatusAsync(ReceiverHost host, string key) =>
        (await host.Client.PostAsync(Workspaces.Demo, new CallbackBuilder().Build(), key)).Status;
}
