using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace SeaMeet;

/// <summary>Adds the client to a service collection.</summary>
public static class SeaMeetSetup
{
    internal const string ApiClient = "SeaMeet";
    internal const string StorageClient = "SeaMeet storage";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Adds <see cref="SeaMeetClient"/>, which may be kept and used from many threads.</summary>
    public static IServiceCollection AddSeaMeet(this IServiceCollection services, Action<SeaMeetOptions> configure)
    {
        services.AddOptions<SeaMeetOptions>().Configure(configure)
            .Validate(options => options.Address is { IsAbsoluteUri: true, Scheme: "http" or "https" }, "SeaMeet's address has to begin with https:// or http://.")
            .Validate(options => options.AccessToken.Length > 0 && options.AccessToken.All(letter => letter is > ' ' and < '\x7f'), "SeaMeet's access token is missing, or holds other than visible ASCII letters.");
        // What redirects a POST makes a GET of it; the storage may send an upload to another of its addresses.
        AddClient(services, ApiClient, options => options.CallTimeout, allowRedirects: false);
        AddClient(services, StorageClient, options => options.UploadTimeout, allowRedirects: true);
        services.AddSingleton(provider => new SeaMeetClient(
            provider.GetRequiredService<IHttpClientFactory>(), provider.GetRequiredService<IOptions<SeaMeetOptions>>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        return services;
    }

    private static void AddClient(IServiceCollection services, string name, Func<SeaMeetOptions, TimeSpan> attemptTimeout, bool allowRedirects)
    {
        var client = services.AddHttpClient(name, http => http.Timeout = Timeout.InfiniteTimeSpan) // each attempt has its own
            .UseSocketsHttpHandler((handler, _) =>
            {
                handler.AllowAutoRedirect = allowRedirects;
                handler.UseCookies = false;
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
            });
        // The names of requests in the factory's own log hold presigned addresses.
        client.RemoveAllLoggers();
        client.AddResilienceHandler("repetition", (pipeline, context) =>
        {
            var options = context.ServiceProvider.GetRequiredService<IOptions<SeaMeetOptions>>().Value;
            if (options.Repetitions > 0)
                pipeline.AddRetry(RepetitionOf(options));
            pipeline.AddTimeout(attemptTimeout(options));
        });
        client.AddHttpMessageHandler(() => new WholeAnswer());
    }

    private static HttpRetryStrategyOptions RepetitionOf(SeaMeetOptions options) => new()
    {
        MaxRetryAttempts = options.Repetitions,
        Delay = options.RepetitionDelay,
        MaxDelay = LongestDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = attempt => ValueTask.FromResult(attempt.Context.GetRequestMessage() is { } request && Repetition.IsWorthwhile(request, attempt.Outcome)),
        OnRetry = attempt =>
        {
            attempt.Context.GetRequestMessage()?.Options.Set(Repetition.WasAttempted, true);
            return ValueTask.CompletedTask;
        },
    };
}
