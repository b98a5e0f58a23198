using System.Text;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace CallbackReceiver.Operations;

/// <summary>A folder of secrets, as a source of configuration.</summary>
internal sealed class SecretFileSource(string directory) : IConfigurationSource
{
    public string Directory => directory;

    /// <summary>Null until there is a log.</summary>
    public ILogger? Logger { get; set; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new SecretFileProvider(this);
}

/// <summary>
/// Reads the files of a folder of secrets. What editors and shells leave around a value is taken away: a byte order mark, carriage returns,
/// blank lines, spaces. A file that cannot be used stops the start, and is named; later it is logged, and its last good value stays.
/// </summary>
internal sealed partial class SecretFileProvider : ConfigurationProvider, IDisposable
{
    /// <summary>Files that begin so are not read, as with .NET's own provider of this kind.</summary>
    private const string IgnoredPrefix = "ignore.";

    /// <summary>More is no secret, but a file that was put there by mistake.</summary>
    private const long MaxBytes = 1024 * 1024;

    /// <summary>Several files that change together are read once.</summary>
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromMilliseconds(250);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SecretFileSource source;
    private readonly PhysicalFileProvider files;
    private readonly IDisposable watching;
    private bool isLoaded;

    public SecretFileProvider(SecretFileSource source)
    {
        this.source = source;

        // Mounted secrets are replaced by links and by mounts, of which the file system sends no events: polling sees them.
        files = new PhysicalFileProvider(source.Directory) { UsePollingFileWatcher = true, UseActivePolling = true };
        watching = ChangeToken.OnChange(() => files.Watch("*"), Reload);
    }

    /// <exception cref="ConfigurationException">At the start: a file cannot be used.</exception>
    public override void Load()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = new List<string>();
        foreach (var file in files.GetDirectoryContents("").Where(file => !file.IsDirectory && !file.Name.StartsWith(IgnoredPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            var key = KeyOf(file);
            var value = Read(file, out var wrong);
            if (values.ContainsKey(key))
                errors.Add($"{PathOf(file)}: another file's name differs in upper and lower case only, and is the same key to the configuration; keep one of them.");
            else if (wrong is not null)
                errors.Add($"{PathOf(file)}: {wrong}.");
            if (wrong is null || Data.TryGetValue(key, out value))
                values.TryAdd(key, value);
        }

        if (errors.Count > 0 && !isLoaded)
            throw new ConfigurationException(errors);
        (Data, isLoaded) = (values, true);
        if (source.Logger is { } logger)
            errors.ForEach(error => LogWrongFile(logger, error));
    }

    /// <summary>The file that a key's value stands in.</summary>
    public string? PathOf(string key) =>
        files.GetDirectoryContents("").FirstOrDefault(file => KeyOf(file).Equals(key, StringComparison.OrdinalIgnoreCase)) is { } file ? PathOf(file) : null;

    public void Dispose()
    {
        watching.Dispose();
        files.Dispose();
    }

    private void Reload()
    {
        Thread.Sleep(ReloadDelay);
        Load();
        OnReload();
    }

    private static string KeyOf(IFileInfo file) => file.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    private string PathOf(IFileInfo file) => Path.Combine(source.Directory, file.Name);

    private static string? Read(IFileInfo file, out string? wrong)
    {
        wrong = null;
        try
        {
            using var stream = file.CreateReadStream();
            if (stream.Length > MaxBytes)
            {
                wrong = $"the file is over {MaxBytes} bytes, and so holds no secret";
                return null;
            }

            using var reader = new StreamReader(stream, Strict, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd().Trim();
        }
        catch (DecoderFallbackException)
        {
            wrong = "the file is no UTF-8";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            wrong = $"the file cannot be read by the service's user ({exception.GetType().Name})";
        }

        return null;
    }

    [LoggerMessage(103, LogLevel.Error, "A changed secret is not taken, and the value before stays: {Error}")]
    private static partial void LogWrongFile(ILogger logger, string error);
}
