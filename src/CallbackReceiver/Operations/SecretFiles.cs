using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace CallbackReceiver.Operations;

/// <summary>
/// Configuration from files, one key a file, as Docker and Kubernetes mount secrets: the file <c>Workspaces__demo__Keys__0</c> holds the
/// value of <c>Workspaces:demo:Keys:0</c>. A changed file takes effect within seconds.
/// </summary>
internal static class SecretFiles
{
    private const string DirectoryKey = "Secrets:Directory";
    private const string DefaultDirectory = "/run/secrets";

    public static void AddSecretFiles(this ConfigurationManager configuration)
    {
        var directory = configuration[DirectoryKey];
        if (string.IsNullOrEmpty(directory) && !Directory.Exists(directory = DefaultDirectory))
            return;
        if (!Directory.Exists(directory))
            throw new ConfigurationException([$"{DirectoryKey}: there is no such folder."]);

        // Mounted secrets are replaced by links and by mounts, of which the file system sends no events: polling sees them.
        var files = new PhysicalFileProvider(Path.GetFullPath(directory)) { UsePollingFileWatcher = true, UseActivePolling = true };
        configuration.Sources.Add(new KeyPerFileConfigurationSource { FileProvider = files, Optional = true, ReloadOnChange = true });
    }
}
