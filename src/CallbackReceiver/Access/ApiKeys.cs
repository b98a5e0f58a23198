using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CallbackReceiver.Operations;

namespace CallbackReceiver.Access;

/// <summary>A key of the query API, known by its digest only.</summary>
/// <param name="Name">What logs call it.</param>
/// <param name="Sha256">The SHA-256 of the key's UTF-8 bytes.</param>
/// <param name="Workspaces">The workspaces it may see; <see cref="AllWorkspaces"/> stands for all.</param>
/// <param name="Scopes">What it may do, of <see cref="AccessScopes"/>.</param>
/// <param name="RequestsPerMinute">Its own rate limit; null for that of <see cref="RateLimitOptions"/>, 0 for none.</param>
internal sealed record ApiKey(string Name, byte[] Sha256, IReadOnlyList<string> Workspaces, IReadOnlyList<string> Scopes, int? RequestsPerMinute)
{
    public const string AllWorkspaces = "*";
}

/// <summary>The API keys at one moment, from <c>ApiKeys:{n}</c>.</summary>
internal sealed class ApiKeys
{
    private const string Sha256Key = "Sha256";

    private readonly List<ApiKey> keys;

    private ApiKeys(List<ApiKey> keys) => this.keys = keys;

    /// <summary>Compares with every key, in a time that does not depend on which one it is.</summary>
    public ApiKey? Find(string presented) => FindByDigest(SHA256.HashData(Encoding.UTF8.GetBytes(presented)));

    /// <inheritdoc cref="Find"/>
    public ApiKey? FindByDigest(ReadOnlySpan<byte> digest)
    {
        ApiKey? match = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, key.Sha256))
                match = key;
        }

        return match;
    }

    /// <exception cref="ConfigurationException">A key's name, digest, workspaces or scopes are missing or wrong.</exception>
    public static ApiKeys Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var keys = configuration.GetSection("ApiKeys").GetChildren().Select(section => Read(configuration, section, errors)).ToList();
        foreach (var name in keys.GroupBy(key => key.Name, StringComparer.Ordinal).Where(name => name.Key.Length > 0 && name.Count() > 1))
            errors.Add($"ApiKeys: two keys have the name '{name.Key}'; give each a name of its own.");
        if (keys.Where(key => key.Sha256.Length > 0).GroupBy(key => Convert.ToHexString(key.Sha256)).Any(digest => digest.Count() > 1))
            errors.Add("ApiKeys: two keys have the same Sha256; each key belongs to one entry.");
        return errors.Count == 0 ? new ApiKeys(keys) : throw new ConfigurationException(errors);
    }

    private static ApiKey Read(IConfiguration configuration, IConfigurationSection section, List<string> errors)
    {
        var name = section["Name"] ?? "";
        var workspaces = section.GetSection("Workspaces").Get<string[]>() ?? [];
        var scopes = section.GetSection("Scopes").Get<string[]>() ?? [];
        if (name.Length == 0)
            errors.Add($"{section.Path}:Name: give the key a name for the logs.");
        if (!TryReadDigest(section[Sha256Key], out var digest))
            errors.Add($"{section.Path}:{Sha256Key}: give the key's SHA-256 in 64 hex digits, as of: printf %s \"$key\" | sha256sum{configuration.OriginOf($"{section.Path}:{Sha256Key}")}");
        if (workspaces.Length == 0)
            errors.Add($"{section.Path}:Workspaces: name the workspaces that the key may see, or '{ApiKey.AllWorkspaces}' for all.");
        if (scopes.Length == 0 || scopes.Except(AccessScopes.All).Any())
            errors.Add($"{section.Path}:Scopes: name at least one of: {string.Join(", ", AccessScopes.All)}.");
        return new ApiKey(name, digest, workspaces, scopes, ReadLimit(section, errors));
    }

    private static int? ReadLimit(IConfigurationSection section, List<string> errors)
    {
        const string Key = "RequestsPerMinute";
        if (string.IsNullOrEmpty(section[Key]))
            return null;
        if (int.TryParse(section[Key], NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
            return limit;
        errors.Add($"{section.Path}:{Key}: give a number of requests, 0 for no limit, or leave it out for that of {RateLimitOptions.Section}:{Key}.");
        return null;
    }

    /// <summary>Takes the whole line that <c>sha256sum</c> writes as well, which ends with the name of what it read: <c>ca6f…  -</c>.</summary>
    private static bool TryReadDigest(string? text, out byte[] digest)
    {
        digest = [];
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny(' ', '\t');
        var hex = end < 0 ? line : line[..end];
        if (hex.Length != 2 * SHA256.HashSizeInBytes || hex.ContainsAnyExcept(HexDigits) || line.ContainsAny('\n', '\r'))
            return false;
        digest = Convert.FromHexString(hex);
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
