using System.Text.Json;
using CallbackReceiver.Access;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;

namespace CallbackReceiver.Tests.Access;

/// <summary>Workspaces that would be taken for one another, or that no URL can name, are refused by name.</summary>
public sealed class WorkspaceIdTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("callback-receiver-workspaces-");

    public static TheoryData<string> Unusable =>
        ["", ".", "..", "a/b", "/", "a%2Fb", "a%2fb", "a\nb", "a\u0000b", "a\u007fb", "a\u009bb", "a\ud83db", new string('a', 201)];

    public static TheoryData<string> Usable =>
    [
        "a", "...", ".a", "a.b", "a b", " ", "a%20b", "a%b", "%", "a?b", "a#b", "a&b=c", "a+b", "a;b", "a\\b", "{a}", "a@b", "a,b", "~", "-", "_", "é", "e\u0301", "客服", "😀", "a\u200bb",
        "meetings", "callbacks", new string('a', 200),
    ];

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Unusable))]
    public void An_id_that_no_URL_can_carry_is_refused_by_name(string id)
    {
        var refused = Assert.Throws<ConfigurationException>(() => SigningKeys.Read(Of(($"Workspaces:{id}:Keys:0", Keys.Demo))));

        Assert.StartsWith("Workspaces:", refused.Message, StringComparison.Ordinal);
        Assert.Contains("workspace id", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Message, character => char.IsControl(character) || char.IsSurrogate(character));
    }

    [Fact]
    public async Task Any_other_id_can_be_sent_to_and_asked_for()
    {
        var ids = Usable.Select(row => row.Data).ToList();
        var settings = ids.Index().Select(id => ($"Workspaces:{id.Item}:Keys:0", (string?)$"kEy{id.Index}")).ToDictionary();
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
        {
            WithWorkspaces = false,
            Configuration = configuration => configuration.AddInMemoryCollection(settings),
        });

        foreach (var (index, id) in ids.Index())
        {
            var answer = await host.Client.PostAsync(id, new CallbackBuilder { WorkspaceId = id }.Build(), $"kEy{index}");
            Assert.Equal((id, 200), (id, answer.Status));
            Assert.Equal(id, answer["workspace_id"]);
            Assert.Single((await host.Client.SendAsync(HttpMethod.Get, $"/api/v1/workspaces/{Uri.EscapeDataString(id)}/meetings")).Json.GetProperty("items").EnumerateArray());
        }
    }

    [Fact]
    public void Ids_that_differ_in_case_are_refused_whichever_sources_they_come_from()
    {
        var one = Of(("Workspaces:gamma:Keys:0", Keys.Demo), ("Workspaces:GAMMA:Keys:1", Keys.Other));
        var two = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Workspaces:gamma:Keys:0", Keys.Demo)])
            .AddConfiguration(Of(("workspaces:Gamma:Keys:0", Keys.Other))).Build();

        AssertBothNamed(Assert.Throws<ConfigurationException>(() => SigningKeys.Read(one)).Message, "GAMMA", "gamma");
        AssertBothNamed(Assert.Throws<ConfigurationException>(() => SigningKeys.Read(two)).Message, "Gamma", "gamma");
    }

    [Fact]
    public void One_spelling_in_several_sources_is_one_workspace()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Workspaces:gamma:Keys:0", Keys.Demo)])
            .AddInMemoryCollection([new("WORKSPACES:gamma:KEYS:1", Keys.Other)]).Build();

        Assert.Equal(2, SigningKeys.Read(configuration).Of("gamma").Length);
    }

    [Fact]
    public async Task Environment_variables_that_differ_in_case_stop_the_start()
    {
        // The environment holds both; the configuration would show one of them.
        var (exitCode, log) = await RunAsync(("Workspaces__gamma__Keys__0", "gAmMa1"), ("Workspaces__GAMMA__Keys__0", "gAmMa2"));

        Assert.Equal(1, exitCode);
        AssertBothNamed(log, "GAMMA", "gamma");
        Assert.DoesNotContain("gAmMa", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_files_that_differ_in_case_stop_the_start()
    {
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "Workspaces__gamma__Keys__0"), "gAmMa1", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "Workspaces__GAMMA__Keys__0"), "gAmMa2", TestContext.Current.CancellationToken);

        var (exitCode, log) = await RunAsync(("Secrets:Directory", directory.FullName));

        Assert.Equal(1, exitCode);
        Assert.Contains("__Keys__0: another file's name differs in upper and lower case only", log, StringComparison.Ordinal);
        Assert.DoesNotContain("gAmMa", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_id_in_a_changed_file_is_logged_and_the_workspaces_before_stay()
    {
        var file = Write("gamma");
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings
        {
            WithWorkspaces = false,
            Configuration = configuration => configuration.AddInMemoryCollection([new("Workspaces:gamma:Retention:RawBodies", "never")]).AddJsonFile(file, optional: false, reloadOnChange: true),
        });

        foreach (var wrong in new[] { "GAMMA", "gam/ma" })
        {
            var before = host.Logs.Errors.Count;
            Write(wrong);
            await Eventually.HoldsAsync(() => Task.FromResult(host.Logs.Errors.Skip(before).Any(line => line.Contains($"Workspaces:{wrong}", StringComparison.Ordinal))), "the wrong change is logged");
            Assert.Equal(200, (await host.Client.PostAsync("gamma", new CallbackBuilder { WorkspaceId = "gamma" }.Build(), Keys.Demo)).Status);
        }
    }

    private static void AssertBothNamed(string message, string first, string second) =>
        Assert.Contains($"Workspaces:{first} and Workspaces:{second}:", message, StringComparison.Ordinal);

    private static IConfigurationRoot Of(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private Task<(int ExitCode, string Log)> RunAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(Keys.Settings) { ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString };
        foreach (var (key, value) in settings)
            all[key] = value;
        return ReceiverProcess.RunToEndAsync(all);
    }

    private string Write(string id)
    {
        var file = Path.Combine(directory.FullName, "workspaces.json");
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(new { Workspaces = new Dictionary<string, object> { [id] = new { Keys = new[] { Keys.Demo } } } }));
        File.Move(file + ".new", file, overwrite: true);
        return file;
    }
}
