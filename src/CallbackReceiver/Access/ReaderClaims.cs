using System.Globalization;
using System.Security.Claims;

namespace CallbackReceiver.Access;

/// <summary>What is known of whoever reads, whichever way they proved who they are.</summary>
internal static class ReaderClaims
{
    public const string Scope = "scope";
    public const string Workspace = "workspace";
    public const string RequestsPerMinute = "requests_per_minute";

    /// <summary>A reader who has proved who they are.</summary>
    /// <param name="name">What logs and the audit call them.</param>
    /// <param name="scopes">What they may do.</param>
    /// <param name="workspaces">What they may see.</param>
    /// <param name="scheme">How they proved it.</param>
    /// <param name="requestsPerMinute">A rate limit of their own, if they have one.</param>
    public static ClaimsPrincipal Reader(string name, IEnumerable<string> scopes, IEnumerable<string> workspaces, string scheme, int? requestsPerMinute = null)
    {
        var claims = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, name),
                .. scopes.Select(scope => new Claim(Scope, scope)),
                .. workspaces.Select(workspace => new Claim(Workspace, workspace)),
            ],
            scheme);
        if (requestsPerMinute is { } limit)
            claims.AddClaim(new Claim(RequestsPerMinute, limit.ToString(CultureInfo.InvariantCulture)));
        return new ClaimsPrincipal(claims);
    }

    public static bool MaySee(this ClaimsPrincipal reader, string workspaceId) =>
        reader.HasClaim(Workspace, workspaceId) || reader.MaySeeAll();

    public static bool MaySeeAll(this ClaimsPrincipal reader) => reader.HasClaim(Workspace, ApiKey.AllWorkspaces);
}
