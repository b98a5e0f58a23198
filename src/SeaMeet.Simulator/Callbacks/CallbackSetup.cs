namespace SeaMeet.Simulator.Callbacks;

/// <summary>The callbacks that follow finished jobs.</summary>
internal static class CallbackSetup
{
    public static void AddCallbacks(this IServiceCollection services)
    {
        services.AddHttpClient(CallbackSender.Client);
        services.AddSingleton<SentCallbacks>();
        services.AddSingleton<CallbackSender>();
    }
}
