using System.Diagnostics;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>The service with the settings of <c>deploy/kubernetes</c>, its files mounted as the kubelet does it: links that are exchanged at once.</summary>
public sealed class MountedSettingsTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private const string Workspace = "acme";
    private const string NewKey = "n1E2w3K4e5Y6o7F8a9C0m1E2r3O4t5A6";

    private readonly DirectoryInfo mount = Directory.CreateTempSubdirectory("callback-receiver-mount-");
    private readonly DirectoryInfo spool = Directory.CreateTempSubdirectory("callback-receiver-spool-");
    private int version;

    public void Dispose()
    {
        mount.Delete(recursive: true);
        spool.Delete(recursive: true);
    }

    [Fact]
    public async Task Service_starts_with_them_receives_answers_readers_and_takes_a_new_key_without_a_restart()
    {
        var files = FilledIn();
        Mount(files);
        var settings = KubernetesTests.Settings().ToDictionary();
        settings["Spool__Directory"] = spool.FullName;
        settings["Secrets__Directory"] = mount.FullName;
        await using var service = await ReceiverProcess.StartAsync(settings.ToDictionary(setting => setting.Key.Replace("__", ":", StringComparison.Ordinal), setting => setting.Value));
        var body = new CallbackBuilder { WorkspaceId = Workspace }.Build();

        Assert.Equal("stored", (await service.PostAsync(Workspace, body, Keys.Demo))["outcome"]);
        Assert.Equal(200, (await service.GetAsync($"/api/v1/workspaces/{Workspace}/meetings", Keys.ApiAll)).Status);

        files["Workspaces__acme__Keys__0"] = NewKey;
        Mount(files);

        await Eventually.HoldsAsync(async () => (await service.PostAsync(Workspace, body, NewKey)).Status == 200, "the new key is taken");
        Assert.Equal(401, (await service.PostAsync(Workspace, body, Keys.Demo)).Status);
    }

    /// <summary>The manifests' files, with values where they have placeholders. An example's standby is there: the same server.</summary>
    private Dictionary<string, string> FilledIn()
    {
        var files = KubernetesTests.Mounted();
        foreach (var (key, value) in files.Where(file => file.Value.Contains("REPLACE_WITH", StringComparison.Ordinal)).ToList())
        {
            files[key] = key switch
            {
                "ConnectionStrings__CallbackReceiver" or "ConnectionStrings__CallbackReceiverReads" => database.ConnectionString,
                "Workspaces__acme__Keys__0" => Keys.Demo,
                "ApiKeys__0__Sha256" => Keys.Digest(Keys.ApiAll),
                _ => throw new InvalidOperationException($"{key} has the placeholder {value}"),
            };
        }

        return files;
    }

    private void Mount(Dictionary<string, string> files)
    {
        var folder = mount.CreateSubdirectory($"..version-{++version}");
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(folder.FullName, name), text);
            if (!File.Exists(Path.Combine(mount.FullName, name)))
                File.CreateSymbolicLink(Path.Combine(mount.FullName, name), Path.Combine("..data", name));
        }

        var data = Path.Combine(mount.FullName, "..data");
        File.CreateSymbolicLink(data + "_new", folder.Name);
        using var exchange = Process.Start("mv", ["-T", data + "_new", data]); // File.Move follows a link to a folder
        exchange.WaitForExit();
        Assert.Equal(0, exchange.ExitCode);
    }
}
