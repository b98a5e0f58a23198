using CallbackReceiver.Access;
using CallbackReceiver.Meetings;
using CallbackReceiver.Storage;

namespace CallbackReceiver.WebConsole;

/// <summary>The workspaces that the reader may see. Where there is only one, it is the beginning.</summary>
internal static class WorkspacesPage
{
    private const string All = "all";

    public static async Task<IResult> ShowAsync(
        HttpContext http, ReloadingSetting<SigningKeys> signingKeys, ReceiverDbContext context, CancellationToken cancellationToken)
    {
        var page = PageContext.Of(http);
        var workspaces = (await WorkspacesApi.ListAsync(http.User, signingKeys, context, cancellationToken)).Value!.Items;
        return workspaces is [var only] && !http.Request.Query.ContainsKey(All)
            ? TypedResults.LocalRedirect(PageContext.PathOf(only.WorkspaceId))
            : Layout.Answer(page, page[Words.Workspaces], $"""
                <div class="head"><h1>{page[Words.Workspaces]}</h1></div>
                <table><thead><tr><th>{page[Words.Workspace]}</th><th class="number">{page[Words.Calls]}</th><th>{page[Words.LastCall]}</th></tr></thead>
                <tbody>{workspaces.Select(workspace => Row(page, workspace))}</tbody></table>
                """);
    }

    private static Html Row(PageContext page, WorkspaceView workspace) => $"""
        <tr><td><a href="{PageContext.PathOf(workspace.WorkspaceId)}">{workspace.WorkspaceId}</a></td><td class="number">{Numbers.Of(workspace.Meetings)}</td>
        <td class="time">{(workspace.LastReceivedAt is { } at ? page.Zone.Minute(at) : "–")}</td></tr>
        """;
}
