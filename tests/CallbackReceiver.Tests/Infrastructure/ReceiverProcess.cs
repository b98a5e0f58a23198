using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The service, in a process of its own as in operation, on a free loopback port.</summary>
public sealed partial class ReceiverProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ReceiverProcess(IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CallbackReceiver.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["DOTNET_ENVIRONMENT"] = "Production" },
        };
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"The service ended:\n{Log}"));
    }

    public HttpClient Http { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public int Id => process.Id;

    /// <summary>The most memory that the process ever had resident, in bytes.</summary>
    public long PeakWorkingSet
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>All that the service has written to its console.</summary>
    public string Log => string.Join('\n', output);

    /// <summary>Starts the service and waits until it listens and, where it has a database, is ready.</summary>
    public static async Task<ReceiverProcess> StartAsync(IReadOnlyDictionary<string, string> settings, bool untilReady = true)
    {
        var receiver = new ReceiverProcess(settings);
        receiver.process.Start();
        receiver.process.BeginOutputReadLine();
        receiver.process.BeginErrorReadLine();
        try
        {
            receiver.Address = await receiver.address.Task.WaitAsync(Patience);
            receiver.Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = receiver.Address, Timeout = Patience };
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

    /// <summary>Runs a service that is expected to end by itself.</summary>
    /// <returns>Its exit code and all that it wrote.</returns>
    public static async Task<(int ExitCode, string Log)> RunToEndAsync(IReadOnlyDictionary<string, string> settings)
    {
        await using var receiver = new ReceiverProcess(settings);
        receiver.process.Start();
        receiver.process.BeginOutputReadLine();
        receiver.process.BeginErrorReadLine();
        await receiver.process.WaitForExitAsync().WaitAsync(Patience);
        return (receiver.process.ExitCode, receiver.Log);
    }

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

    public void Terminate() => Signal(Sigterm);

    public void Kill() => process.Kill();

    /// <summary>Stops the service as container engines do: SIGTERM, and SIGKILL where it has not ended ten seconds later.</summary>
    /// <returns>The exit code: 137 where it had to be killed.</returns>
    public async Task<int> StopAsync()
    {
        Terminate();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        return process.ExitCode;
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!process.HasExited)
        {
            Signal(Sigterm);
            try
            {
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }

        process.Dispose();
    }

    private void Signal(int signal)
    {
        using var kill = Process.Start("kill", ["-" + signal.ToString(CultureInfo.InvariantCulture), process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        output.Enqueue(line);
        if (ListeningOn().Match(line) is { Success: true } match)
            address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: [\\""]*(http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningOn();
}

/// <summary>An HTTP answer, read to its end.</summary>
public sealed record Answer(int Status, string Body, byte[] Bytes, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public string? this[string member] => Json.GetProperty(member).ToString();

    /// <summary>Null where the answer is a problem.</summary>
    public string? Outcome => Json.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null;

    public Guid DeliveryId => Json.GetProperty("delivery_id").GetGuid();

    public int Revision => Json.GetProperty("revision").GetInt32();

    /// <summary>The paths of the errors of a quarantined body.</summary>
    public IEnumerable<string> ErrorPaths => Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, System.Text.Encoding.UTF8.GetString(bytes), bytes, response.Content.Headers.ContentType?.MediaType, headers);
    }

    public override string ToString() => $"{Status} {Body}";
}
