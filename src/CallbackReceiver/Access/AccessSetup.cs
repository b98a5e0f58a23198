namespace CallbackReceiver.Access;

/// <summary>Who may send, and who may read.</summary>
internal static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services) =>
        services.AddSingleton(provider => new ReloadingSetting<SigningKeys>(
            provider.GetRequiredService<IConfiguration>(), SigningKeys.Read, provider.GetRequiredService<ILogger<SigningKeys>>()));
}
