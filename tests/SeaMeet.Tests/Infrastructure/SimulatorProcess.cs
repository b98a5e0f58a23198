using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CallbackReceiver.Tests.Infrastructure;

namespace SeaMeet.Tests.Infrastructure;

/// <summary>A simulator in a process of its own, quicker than one is for people.</summary>
public sealed class SimulatorProcess(ServerProcess server) : IAsyncDisposable
{
    public const string AccessToken = "access-token-of-tests";

    /// <summary>What stands after the simulator's address in the vendor's.</summary>
    public string ApiAddress => server.Address.AbsoluteUri + "seameet-api";

    public HttpClient Http => server.Http;

    public string Log => server.Log;

    /// <param name="receiver">Where callbacks go; nowhere where it is null.</param>
    /// <param name="changes">Settings below <c>Simulator:</c>.</param>
    public static async Task<SimulatorProcess> StartAsync(Uri? receiver, params IEnumerable<(string Key, object Value)> changes)
    {
        var settings = new Dictionary<string, string>
        {
            ["Simulator:AccessToken"] = AccessToken,
            ["Simulator:Workspaces:demo:SigningKey"] = ReceiverFixture.SigningKey,
            ["Simulator:Jobs:Queued"] = "00:00:00.05",
            ["Simulator:Jobs:Started"] = "00:00:00.05",
            ["Simulator:Callbacks:Delay"] = "00:00:00.05",
        };
        if (receiver is not null)
            settings["Simulator:Workspaces:demo:CallbackUrl"] = new Uri(receiver, "/callbacks/demo").AbsoluteUri;
        foreach (var (key, value) in changes)
            settings["Simulator:" + key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return new SimulatorProcess(await ServerProcess.StartAsync("SeaMeet.Simulator.dll", settings));
    }

    public async Task<List<JsonObject>> MeetingsAsync() =>
        [.. (await Http.GetFromJsonAsync<JsonArray>("/simulator/meetings"))!.Select(meeting => meeting!.AsObject())];

    public async Task<List<JsonObject>> CallbacksAsync() =>
        [.. (await Http.GetFromJsonAsync<JsonArray>("/simulator/callbacks"))!.Select(callback => callback!.AsObject())];

    public async Task<JsonObject> CountsAsync() => (await Http.GetFromJsonAsync<JsonObject>("/simulator/counts"))!;

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
