namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>The workspaces that the tests' services are configured with; <see cref="Keys"/> has their keys.</summary>
internal static class Workspaces
{
    public const string Demo = "demo";
    public const string Other = "other";
}
