using CallbackReceiver.Access;
using CallbackReceiver.Storage;
using Microsoft.EntityFrameworkCore;

namespace CallbackReceiver.Meetings;

/// <summary>Lets a reader into a workspace of the URL. One that the reader may not see answers as one that does not exist.</summary>
internal sealed class WorkspaceFilter(ReloadingSetting<SigningKeys> signingKeys, ReadDatabase database) : IEndpointFilter
{
    public const string RouteParameter = "workspace_id";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var workspaceId = (string)http.GetRouteValue(RouteParameter)!;
        return http.User.MaySee(workspaceId) && await ExistsAsync(workspaceId, http.RequestAborted) ? await next(context) : Problem.NotFound();
    }

    /// <summary>A workspace whose keys have left the configuration exists as long as its meetings do.</summary>
    private async Task<bool> ExistsAsync(string workspaceId, CancellationToken cancellationToken)
    {
        if (signingKeys.Current.WorkspaceIds.Contains(workspaceId))
            return true;
        if (workspaceId.Contains('\0', StringComparison.Ordinal))
            return false;
        await using var context = database.CreateContext();
        return await context.Deliveries.AnyAsync(delivery => delivery.WorkspaceId == workspaceId, cancellationToken);
    }
}
