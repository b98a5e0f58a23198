using Microsoft.Extensions.Primitives;

namespace CallbackReceiver.Access;

/// <summary>
/// A value read from configuration, read anew whenever the configuration changes. A wrong value stops the start; after that, a
/// wrong change is logged and the last good value stays in force, so that a typing error in a running system loses no callback.
/// </summary>
internal sealed partial class ReloadingSetting<T> : IDisposable
    where T : class
{
    private readonly IConfiguration configuration;
    private readonly Func<IConfiguration, T> read;
    private readonly ILogger logger;
    private readonly IDisposable subscription;
    private volatile T current;

    /// <exception cref="ConfigurationException">The configuration is wrong at the start.</exception>
    public ReloadingSetting(IConfiguration configuration, Func<IConfiguration, T> read, ILogger logger)
    {
        this.configuration = configuration;
        this.read = read;
        this.logger = logger;
        current = read(configuration);
        subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    public T Current => current;

    public void Dispose() => subscription.Dispose();

    private void Reload()
    {
        try
        {
            current = read(configuration);
            LogReloaded(logger, typeof(T).Name);
        }
        catch (ConfigurationException wrong)
        {
            LogRejected(logger, typeof(T).Name, wrong.Message);
        }
    }

    [LoggerMessage(101, LogLevel.Information, "Reloaded {Setting}")]
    private static partial void LogReloaded(ILogger logger, string setting);

    [LoggerMessage(102, LogLevel.Error, "Kept the previous {Setting}, since the changed configuration is wrong: {Errors}")]
    private static partial void LogRejected(ILogger logger, string setting, string errors);
}
