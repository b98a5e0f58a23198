namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The workspaces and keys that a <see cref="ReceiverHost"/> is configured with. The keys of <see cref="Demo"/> are those of the vectors.</summary>
internal static class Workspaces
{
    public const string Demo = "demo";
    public const string DemoKey = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";
    public const string DemoOldKey = "oL9dK3yV7aL1uE5rO2tA8tE4dI6nX0zQ";

    public const string Other = "other";
    public const string OtherKey = "Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp";

    /// <summary>The query API's key, with both scopes and all workspaces.</summary>
    public const string ApiKey = "test-api-key-5b1f0c7e2a9d4386";
}
