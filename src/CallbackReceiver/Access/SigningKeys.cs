using System.Collections.Frozen;
using CallbackReceiver.Operations;

namespace CallbackReceiver.Access;

/// <summary>The signing keys of all workspaces at one moment, from <c>Workspaces:{id}:Keys:{n}</c>.</summary>
internal sealed class SigningKeys
{
    private readonly FrozenDictionary<string, SigningKey[]> byWorkspace;

    private SigningKeys(Dictionary<string, SigningKey[]> byWorkspace)
    {
        this.byWorkspace = byWorkspace.ToFrozenDictionary(StringComparer.Ordinal);
        All = [.. byWorkspace.Values.SelectMany(keys => keys)];
        MostPerWorkspace = byWorkspace.Values.Select(keys => keys.Length).Append(1).Max();
    }

    public IReadOnlyCollection<string> WorkspaceIds => byWorkspace.Keys;

    public SigningKey[] All { get; }

    /// <summary>The most keys that any workspace has, at least 1: every failed verification costs this many HMACs.</summary>
    public int MostPerWorkspace { get; }

    /// <summary>Empty for a workspace that is not configured.</summary>
    public SigningKey[] Of(string workspaceId) => byWorkspace.GetValueOrDefault(workspaceId, []);

    /// <exception cref="ConfigurationException">A workspace's id cannot be used; a key is empty or not ASCII letters and digits, or stands in two workspaces.</exception>
    public static SigningKeys Read(IConfiguration configuration)
    {
        var errors = ConfiguredWorkspaces.Errors(configuration).ToList();
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        var byWorkspace = new Dictionary<string, SigningKey[]>(StringComparer.Ordinal);
        foreach (var workspace in configuration.GetSection(ConfiguredWorkspaces.Section).GetChildren())
            byWorkspace[workspace.Key] = [.. workspace.GetSection("Keys").GetChildren().SelectMany(key => ReadKey(workspace.Key, key))];

        return errors.Count == 0 ? new SigningKeys(byWorkspace) : throw new ConfigurationException(errors);

        IEnumerable<SigningKey> ReadKey(string workspaceId, IConfigurationSection key)
        {
            if (!SigningKey.IsWellFormed(key.Value))
                errors.Add($"{key.Path}: a signing key is the ASCII letters and digits that Seasalt gave for the workspace, nothing around them.{configuration.OriginOf(key.Path)}");
            else if (!owners.TryAdd(key.Value!, workspaceId))
                errors.Add($"{key.Path}: the same signing key stands under workspace '{owners[key.Value!]}' too; each key belongs to one place.{configuration.OriginOf(key.Path)}");
            else
                return [new SigningKey(workspaceId, key.Value!)];
            return [];
        }
    }
}
