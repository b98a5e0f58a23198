using CallbackReceiver.Access;
using CallbackReceiver.Meetings;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.WebConsole;

/// <summary>For whom a page is written: their language, their time zone, and what they may see.</summary>
internal sealed class PageContext
{
    public const string TokenField = "form_token";

    private readonly HttpContext http;

    private PageContext(HttpContext http)
    {
        this.http = http;
        Language = Preferences.LanguageOf(http.Request);
        Zone = Preferences.ZoneOf(http.Request);
    }

    public Language Language { get; }

    public ReaderZone Zone { get; }

    /// <summary>The workspace that the page is of; null where it is of none, or the reader may not see it.</summary>
    public string? Workspace => http.GetRouteValue(WorkspaceFilter.RouteParameter) is string id && http.User.MaySee(id) ? id : null;

    /// <summary>The name of the reader's key; null where nobody is signed in.</summary>
    public string? Reader => http.User.Identity is { IsAuthenticated: true, Name: { } name } ? name : null;

    /// <summary>Where the page is, with its state.</summary>
    public string Url => http.Request.Path.ToUriComponent() + http.Request.QueryString;

    /// <summary>Where the workspace's pages are.</summary>
    public string WorkspacePath => PathOf(Workspace!);

    /// <summary>The hidden field by which the console knows its own forms again.</summary>
    public Html FormToken => $"""<input type="hidden" name="{TokenField}" value="{Service<IAntiforgery>().GetAndStoreTokens(http).RequestToken}">""";

    public string this[Word word] => word.In(Language);

    /// <summary>Says something about a figure or a name.</summary>
    public string Say(Word word, string about) => this[word].Replace("{0}", about, StringComparison.Ordinal);

    public static PageContext Of(HttpContext http) => new(http);

    public static string PathOf(string workspaceId) => $"{ConsoleSetup.Root}/{Uri.EscapeDataString(workspaceId)}";

    /// <summary>Whether the request is one to the console, where the console is answered at all.</summary>
    public static bool IsOfConsole(HttpContext http) =>
        http.Request.Path.StartsWithSegments(ConsoleSetup.Root)
        && (http.RequestServices.GetRequiredService<IOptions<ConsoleOptions>>().Value.Port is not { } port || http.Connection.LocalPort == port);

    /// <summary>Whether a URL, without the host, is one of the console's.</summary>
    public static bool IsOfConsole(string url) =>
        (url == ConsoleSetup.Root || url.StartsWith(ConsoleSetup.Root + '/', StringComparison.Ordinal)) && !url.Contains('\\', StringComparison.Ordinal) && !url.Any(char.IsControl);

    public T Service<T>()
        where T : notnull => http.RequestServices.GetRequiredService<T>();
}
