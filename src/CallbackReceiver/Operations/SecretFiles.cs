namespace CallbackReceiver.Operations;

/// <summary>
/// Configuration from files, one key a file, as Docker and Kubernetes mount secrets: the file <c>Workspaces__demo__Keys__0</c> holds the
/// value of <c>Workspaces:demo:Keys:0</c>. A changed file takes effect within seconds.
/// </summary>
internal static class SecretFiles
{
    public const string DirectoryKey = "Secrets:Directory";

    private const string DefaultDirectory = "/run/secrets";

    /// <exception cref="ConfigurationException">The folder is not there, or a file cannot be used.</exception>
    public static void AddSecretFiles(this ConfigurationManager configuration)
    {
        var directory = configuration[DirectoryKey];
        if (string.IsNullOrEmpty(directory) && !Directory.Exists(directory = DefaultDirectory))
            return;
        if (!Directory.Exists(directory))
            throw new ConfigurationException([$"{DirectoryKey}: there is no such folder."]);
        configuration.Sources.Add(new SecretFileSource(Path.GetFullPath(directory)));
    }

    /// <summary>Says from now on in the log which changed file cannot be used. Before there is a log, such a file stops the start.</summary>
    public static void ReportSecretFiles(this ConfigurationManager configuration, ILogger logger)
    {
        foreach (var source in configuration.Sources.OfType<SecretFileSource>())
            source.Logger = logger;
    }

    /// <summary>Where a value comes from, for the end of a sentence about it; empty where it is no file of this folder.</summary>
    public static string OriginOf(this IConfiguration configuration, string key) => configuration is IConfigurationRoot root
        && root.Providers.LastOrDefault(provider => provider.TryGet(key, out _)) is SecretFileProvider files && files.PathOf(key) is { } path ? $" It stands in the file {path}." : "";
}
