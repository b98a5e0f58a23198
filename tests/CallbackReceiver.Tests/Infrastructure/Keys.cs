using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The workspaces, signing keys and API keys that the tests' services are configured with.</summary>
public static class Keys
{
    public const string Demo = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
    public const string DemoOld = "oL9dK3yV7aL1uE5rO2tA8tE4dI6nX0zQ";
    public const string Other = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF";

    /// <summary>May read and manage every workspace.</summary>
    public const string ApiAll = "api-key-of-all";

    /// <summary>May read the workspace <c>demo</c>.</summary>
    public const string ApiDemo = "api-key-of-demo";

    /// <summary>May manage, but not read, the workspace <c>demo</c>.</summary>
    public const string ApiManageOnly = "api-key-without-read";

    public static Dictionary<string, string> Settings { get; } = new()
    {
        ["Workspaces:demo:Keys:0"] = Demo,
        ["Workspaces:demo:Keys:1"] = DemoOld,
        ["Workspaces:other:Keys:0"] = Other,
        ["ApiKeys:0:Name"] = "all",
        ["ApiKeys:0:Sha256"] = Digest(ApiAll),
        ["ApiKeys:0:Workspaces:0"] = "*",
        ["ApiKeys:0:Scopes:0"] = "read",
        ["ApiKeys:0:Scopes:1"] = "manage",
        ["ApiKeys:1:Name"] = "demo",
        ["ApiKeys:1:Sha256"] = Digest(ApiDemo),
        ["ApiKeys:1:Workspaces:0"] = "demo",
        ["ApiKeys:1:Scopes:0"] = "read",
        ["ApiKeys:2:Name"] = "manage-only",
        ["ApiKeys:2:Sha256"] = Digest(ApiManageOnly),
        ["ApiKeys:2:Workspaces:0"] = "demo",
        ["ApiKeys:2:Scopes:0"] = "manage",
        ["Callbacks:BadSignaturesPerMinute"] = "1000000",
        ["RateLimit:RequestsPerMinute"] = "0",
        ["RateLimit:Exports"] = "0",
        ["RateLimit:Listeners"] = "0",
        ["RateLimit:WrongKeysPerMinute"] = "1000000",
    };

    public static string Digest(string apiKey) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(apiKey)));
}
