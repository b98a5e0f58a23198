using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>The connection strings of the configuration. What they name is kept; a default stands in only for what they leave out.</summary>
internal static class ConnectionStrings
{
    public const string Main = "CallbackReceiver";
    public const string Reads = "CallbackReceiverReads";

    public const string MaximumPoolSize = "Maximum Pool Size";
    public const string MaxAutoPrepare = "Max Auto Prepare";
    public const string AutoPrepareMinUsages = "Auto Prepare Min Usages";
    public const string WriteBufferSize = "Write Buffer Size";
    public const string Timeout = "Timeout";
    public const string CommandTimeout = "Command Timeout";
    public const string ConnectionLifetime = "Connection Lifetime";

    /// <returns>Null where none is configured.</returns>
    /// <exception cref="ConfigurationException">It is none, or cannot be used. What it says is not repeated: it may hold a password.</exception>
    public static NpgsqlConnectionStringBuilder? Read(IConfiguration configuration, string name)
    {
        if (configuration.GetConnectionString(name) is not { Length: > 0 } text)
            return null;
        var parsed = Parse(text) ?? throw Wrong(name, "give a connection string in Npgsql's form: Host=…;Database=…;Username=…;Password=…");
        if (!IsUtf8(parsed.ClientEncoding) || !IsUtf8(parsed.Encoding))
            throw Wrong(name, "leave out Client Encoding and Encoding: the service speaks UTF8.");
        if (name == Main && parsed.Names(MaximumPoolSize) && parsed.MaxPoolSize < PoolSizes.Least)
            throw Wrong(name, $"{MaximumPoolSize} must be at least {PoolSizes.Least}: receiving, queries and work in the background each have a share of it.");
        return parsed;
    }

    /// <summary>Whether the connection string itself says it, under whichever of the keyword's names.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="keyword">The keyword's first name.</param>
    public static bool Names(this NpgsqlConnectionStringBuilder connectionString, string keyword) => connectionString.ShouldSerialize(keyword);

    private static NpgsqlConnectionStringBuilder? Parse(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or InvalidCastException)
        {
            return null;
        }
    }

    private static bool IsUtf8(string? encoding) =>
        encoding is null || encoding.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is "UTF8" or "UNICODE";

    private static ConfigurationException Wrong(string name, string fix) => new([$"ConnectionStrings:{name}: {fix}"]);
}
