using CallbackReceiver.WebConsole.Access;

namespace CallbackReceiver.WebConsole;

/// <summary>The frame of every page: where one is, where one can go, who one is.</summary>
internal static class Layout
{
    /// <remarks>Forms need keys from the database: a page that says that it is away has none.</remarks>
    public static HtmlAnswer Answer(PageContext page, string title, Html content, int status = StatusCodes.Status200OK) =>
        new(Page(page, title, content, status < StatusCodes.Status500InternalServerError ? Personal(page) : null), status);

    private static Html Page(PageContext page, string title, Html content, Html? personal) => $"""
        <!doctype html>
        <html lang="{Preferences.TagOf(page.Language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title}{(page.Workspace is { } id ? " · " + id : "")}</title>
        <link rel="icon" href="{Assets.IconPath}"><link rel="stylesheet" href="{Assets.StylePath}"><script type="module" src="{Assets.ScriptPath}"></script></head>
        <body><a class="skip" href="#content">{page[Words.SkipToContent]}</a>
        <header class="bar">{Place(page)}{(page.Workspace is null ? null : Navigation(page))}
        {personal}</header>
        <main id="content">{content}</main></body></html>
        """;

    private static Html Personal(PageContext page) => $"""
        <div class="end">{Preferences.ZoneLink(page)}{Preferences.LanguageSwitch(page)}{(page.Reader is null ? null : Leave(page))}</div>
        """;

    private static Html Place(PageContext page) => $"""
        <a class="workspace" href="{ConsoleSetup.Root}{(page.Workspace is null ? "" : "?all=")}" title="{page[Words.Workspaces]}">{page.Workspace ?? page[Words.Product]}</a>
        """;

    private static Html Navigation(PageContext page)
    {
        (Word Name, string Path)[] places = [(Words.Overview, page.WorkspacePath), (Words.Calls, page.WorkspacePath + "/calls")];
        return $"""<nav aria-label="{page[Words.Navigation]}">{places.Select(place => NavigationLink(page, place.Name, place.Path))}</nav>""";
    }

    private static Html NavigationLink(PageContext page, Word name, string path)
    {
        var here = page.Url.Split('?')[0].TrimEnd('/');
        var isHere = here == path || (path != page.WorkspacePath && here.StartsWith(path + '/', StringComparison.Ordinal));
        return isHere ? (Html)$"""<a href="{path}" aria-current="page">{page[name]}</a>""" : (Html)$"""<a href="{path}">{page[name]}</a>""";
    }

    private static Html Leave(PageContext page) => $"""
        <form method="post" action="{SignIn.OutPath}">{page.FormToken}<span class="reader">{page.Reader}</span> <button class="link">{page[Words.SignOut]}</button></form>
        """;
}
