using System.Security.Claims;

namespace CallbackReceiver.Access;

/// <summary>What is known of whoever reads, whichever way they proved who they are.</summary>
internal static class ReaderClaims
{
    public const string Scope = "scope";
    public const string Workspace = "workspace";

    public static bool MaySee(this ClaimsPrincipal reader, string workspaceId) =>
        reader.HasClaim(Workspace, workspaceId) || reader.MaySeeAll();

    public static bool MaySeeAll(this ClaimsPrincipal reader) => reader.HasClaim(Workspace, ApiKey.AllWorkspaces);
}
