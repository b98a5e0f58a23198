using System.Net.Http.Headers;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The service in a process of its own, and the requests that tests send to it.</summary>
public sealed class ReceiverProcess : IAsyncDisposable
{
    private const string Assembly = "CallbackReceiver.dll";

    /// <summary>After that container engines kill.</summary>
    private static readonly TimeSpan EnginesPatience = TimeSpan.FromSeconds(10);

    private readonly ServerProcess server;

    private ReceiverProcess(ServerProcess server) => this.server = server;

    public HttpClient Http => server.Http;

    public Uri Address => server.Address;

    public int Id => server.Id;

    /// <inheritdoc cref="ServerProcess.PeakWorkingSet"/>
    public long PeakWorkingSet => server.PeakWorkingSet;

    /// <inheritdoc cref="ServerProcess.Log"/>
    public string Log => server.Log;

    /// <summary>Starts the service and waits until it listens and, where it has a database, is ready.</summary>
    public static async Task<ReceiverProcess> StartAsync(IReadOnlyDictionary<string, string> settings, bool untilReady = true)
    {
        var receiver = new ReceiverProcess(await ServerProcess.StartAsync(Assembly, settings));
        try
        {
            if (untilReady)
                await Eventually.HoldsAsync(async () => (await receiver.Http.GetAsync("/healthz/ready")).IsSuccessStatusCode);
            return receiver;
        }
        catch
        {
            await receiver.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ServerProcess.RunToEndAsync"/>
    public static Task<(int ExitCode, string Log)> RunToEndAsync(IReadOnlyDictionary<string, string> settings) => ServerProcess.RunToEndAsync(Assembly, settings);

    public Task<Answer> PostAsync(string workspaceId, byte[] body, string key = Keys.Demo) =>
        SendAsync($"/callbacks/{workspaceId}", body, CallbackBuilder.Sign(body, key));

    public Task<Answer> PostAsync(Sample sample) => SendAsync($"/callbacks/{sample.WorkspaceId}", sample.Bytes, sample.Signature);

    public async Task<Answer> SendAsync(string path, byte[] body, string? signature, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (signature is not null)
            request.Headers.TryAddWithoutValidation("X-Seasalt-Server-Signature", signature);
        change?.Invoke(request);
        using var response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> GetAsync(string path, string? apiKey = Keys.ApiAll, string? accept = null) => SendAsync(HttpMethod.Get, path, apiKey, accept);

    public Task<Answer> DeleteAsync(string path, string? apiKey = Keys.ApiAll) => SendAsync(HttpMethod.Delete, path, apiKey);

    /// <summary>Sends a request without a body.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? apiKey = Keys.ApiAll, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (apiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>Sends any request to the query API.</summary>
    public async Task<Answer> RequestAsync(HttpMethod method, string path, string? apiKey, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (apiKey is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    /// <summary>How many deliveries wait in the spool.</summary>
    public async Task<double> SpooledAsync() => (await MetricsPage.ReadAsync(this)).Sum("callback_receiver_spool_files");

    /// <summary>Waits until none is left there.</summary>
    public Task UntilSpoolIsEmptyAsync() => Eventually.HoldsAsync(async () => await SpooledAsync() == 0, "the spool is empty");

    public void Terminate() => server.Terminate();

    public void Kill() => server.Kill();

    /// <inheritdoc cref="ServerProcess.StopAsync"/>
    public Task<int> StopAsync(string signal = "TERM") => server.StopAsync(EnginesPatience, signal);

    public Task<int> WaitForExitAsync() => server.WaitForExitAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
