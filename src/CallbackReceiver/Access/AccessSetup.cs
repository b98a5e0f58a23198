using Microsoft.AspNetCore.Authentication;

namespace CallbackReceiver.Access;

/// <summary>Who may send, and who may read.</summary>
internal static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddReloading(SigningKeys.Read);
        services.AddReloading(ApiKeys.Read);
        services.AddAuthentication(ApiKeyHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in AccessScopes.All)
            authorization.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireClaim(ReaderClaims.Scope, scope));
    }

    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
    }

    /// <summary>Adds a setting that follows the configuration; a wrong value stops the start.</summary>
    public static void AddReloading<T>(this IServiceCollection services, Func<IConfiguration, T> read)
        where T : class
    {
        services.AddSingleton(provider => new ReloadingSetting<T>(provider.GetRequiredService<IConfiguration>(), read, provider.GetRequiredService<ILogger<T>>()));

        // Read before anything starts: a wrong value stops the start.
        services.AddHostedService<ReadAtStart<T>>();
    }

    private sealed class ReadAtStart<T>(ReloadingSetting<T> setting) : IHostedService
        where T : class
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(setting.Current);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
