using CallbackReceiver.Answers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>Who may send, and who may read.</summary>
internal static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddReloading(SigningKeys.Read);
        services.AddReloading(ApiKeys.Read);
        services.AddSingleton<VerifiedSenders>();
        services.AddRateLimits();
        services.AddOptions<DashboardOptions>().BindConfiguration(DashboardOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<DashboardOptions>>((cors, dashboards) => cors.AddDefaultPolicy(dashboards.Value.Allow));

        // No scheme is the default one: only a route whose policy asks for a reader has one authenticated.
        services.AddAuthenticationOfTokens()
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null)
            .AddJwtReaders()
            .AddPolicyScheme(BearerToken.SchemeName, null, bearer => bearer.ForwardDefaultSelector = SchemeOf);
        var authorization = services.AddAuthorizationBuilder();
        foreach (var scope in AccessScopes.All)
        {
            authorization.AddPolicy(scope, policy => policy
                .AddAuthenticationSchemes(BearerToken.SchemeName).RequireAuthenticatedUser().RequireClaim(ReaderClaims.Scope, scope));
        }
    }

    public static void UseAccess(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<IOptions<DashboardOptions>>().Value.Origins.Count > 0)
            app.UseOnQueryApi(api => api.UseCors());
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseForReaders(readers => readers.UseRateLimiter().UseMiddleware<StreamLimit>());
    }

    /// <summary>
    /// What <c>AddAuthentication</c> adds, but for the keys with which cookies are encrypted: only the console has any, and keeps them in
    /// PostgreSQL; else they would be written to the user's folder at the first start.
    /// </summary>
    private static AuthenticationBuilder AddAuthenticationOfTokens(this IServiceCollection services)
    {
        services.AddAuthenticationCore();
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoConfiguredSchemes>();
        return new AuthenticationBuilder(services);
    }

    /// <summary>By the token's form, where an issuer is configured; else every token is an API key.</summary>
    private static string SchemeOf(HttpContext context) =>
        BearerToken.Of(context.Request) is { } token && BearerToken.LooksLikeJwt(token) && context.RequestServices.GetRequiredService<IOptions<JwtOptions>>().Value.IsConfigured
            ? JwtReaders.SchemeName
            : ApiKeyHandler.SchemeName;

    private static AuthenticationBuilder AddJwtReaders(this AuthenticationBuilder authentication)
    {
        authentication.Services.AddOptions<JwtOptions>().BindConfiguration(JwtOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        authentication.Services.AddSingleton<JwtReaders>();
        authentication.AddJwtBearer(JwtReaders.SchemeName);
        authentication.Services.AddOptions<JwtBearerOptions>(JwtReaders.SchemeName)
            .Configure<IOptions<JwtOptions>>(JwtReaders.Configure)
            .PostConfigure(JwtReaders.ForgetWithdrawnKeys);
        return authentication;
    }

    private static void AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<WrongKeys>();
        services.AddRateLimiter(limits => limits.AddPolicy<(string, int), ReaderLimit>(ReaderLimit.PolicyName));
    }

    /// <summary>Adds a setting that follows the configuration; a wrong value stops the start.</summary>
    public static void AddReloading<T>(this IServiceCollection services, Func<IConfiguration, T> read)
        where T : class
    {
        services.AddSingleton(provider => new ReloadingSetting<T>(provider.GetRequiredService<IConfiguration>(), read, provider.GetRequiredService<ILogger<T>>()));

        // Read before anything starts: a wrong value stops the start.
        services.AddHostedService<ReadAtStart<T>>();
    }

    /// <summary>The section <c>Jwt</c> has what there is to set.</summary>
    private sealed class NoConfiguredSchemes : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }

    private sealed class ReadAtStart<T>(ReloadingSetting<T> setting) : IHostedService
        where T : class
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(setting.Current);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
