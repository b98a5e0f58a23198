namespace CallbackReceiver.Operations;

/// <summary>
/// <c>CallbackReceiver health</c>: asks the service on this machine whether it is ready. A container's health check runs this, so that
/// the image needs neither a shell nor curl.
/// </summary>
internal static class HealthProbe
{
    public const string Command = "health";

    private const string DefaultPort = "8080";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>The exit code: 0 where the service is ready, else 1.</returns>
    public static async Task<int> RunAsync()
    {
        var port = Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS")?.Split(';') is [{ Length: > 0 } first, ..] ? first : DefaultPort;
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}{HealthSetup.ReadyPath}"));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
