using CallbackReceiver.Access;
using Microsoft.Extensions.Primitives;

namespace CallbackReceiver.WebConsole.Access;

/// <summary>Signing in with an API key, and signing out.</summary>
internal static class SignIn
{
    public const string Path = ConsoleSetup.Root + "/sign-in";
    public const string OutPath = ConsoleSetup.Root + "/sign-out";

    private const string Return = "return";
    private const string Key = "key";

    /// <summary>The public key of <c>appsettings.Development.json</c>, which is in no published build.</summary>
    private const string DemoKey = "demo-api-key";

    /// <summary>The page, which leads to another one afterwards.</summary>
    public static string PathTo(string page) => Path + QueryString.Create(Return, page);

    public static IResult Show(HttpContext http) => Form(PageContext.Of(http), ReturnOf(http.Request.Query[Return]), error: null, StatusCodes.Status200OK);

    public static async Task<IResult> TakeKeyAsync(HttpContext http, ReloadingSetting<ApiKeys> apiKeys, WrongKeys wrongKeys)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var goOn = ReturnOf(form[Return]);
        var page = PageContext.Of(http);
        if (apiKeys.Current.Find(form[Key].ToString().Trim()) is not { } key || !wrongKeys.MayEnter(http.Connection.RemoteIpAddress, key.Name))
            return Refuse(http, page, goOn, wrongKeys);
        if (!key.Scopes.Contains(AccessScopes.Read))
            return Form(page, goOn, Words.KeyMayNotRead, StatusCodes.Status403Forbidden);
        await ConsoleSession.BeginAsync(http, key);
        Preferences.KeepFirstZone(http, form[Preferences.Zone]);
        return TypedResults.LocalRedirect(goOn);
    }

    public static async Task<IResult> LeaveAsync(HttpContext http)
    {
        await ConsoleSession.EndAsync(http);
        return TypedResults.LocalRedirect(Path);
    }

    private static HtmlAnswer Refuse(HttpContext http, PageContext page, string goOn, WrongKeys wrongKeys)
    {
        if (wrongKeys.Count(http) is not { } wait)
            return Form(page, goOn, Words.WrongKey, StatusCodes.Status401Unauthorized);
        http.Response.Headers.RetryAfter = $"{wait}";
        return Form(page, goOn, Words.TooManyWrongKeys, StatusCodes.Status429TooManyRequests);
    }

    /// <summary>Only pages of the console are gone to: else a link could lead through here to anywhere.</summary>
    private static string ReturnOf(StringValues given) => PageContext.IsOfConsole(given.ToString()) ? given.ToString() : ConsoleSetup.Root;

    private static HtmlAnswer Form(PageContext page, string goOn, Word? error, int status) => Layout.Answer(page, page[Words.SignIn], $"""
        <section class="card narrow">
        <h1>{page[Words.SignInTitle]}</h1>
        {(error is { } word ? Error(page[word]) : null)}
        <form method="post" action="{Path}">{page.FormToken}<input type="hidden" name="{Return}" value="{goOn}"><input type="hidden" name="{Preferences.Zone}" data-zone>
        <label>{page[Words.ApiKey]}<input type="password" name="{Key}" required autofocus autocomplete="current-password"></label>
        <button class="primary">{page[Words.SignIn]}</button></form>
        <p class="muted">{page[Words.ApiKeyHelp]}</p>
        {Demo(page, goOn)}
        </section>
        """, status);

    private static Html Error(string message) => $"""<p class="error" role="alert">{message}</p>""";

    /// <summary>On a developer's machine, where the demo key is configured.</summary>
    private static Html? Demo(PageContext page, string goOn) =>
        page.Service<IHostEnvironment>().IsDevelopment() && page.Service<ReloadingSetting<ApiKeys>>().Current.Find(DemoKey) is not null ? (Html)$"""
            <form method="post" action="{Path}" class="demo">{page.FormToken}<input type="hidden" name="{Return}" value="{goOn}"><input type="hidden" name="{Preferences.Zone}" data-zone>
            <input type="hidden" name="{Key}" value="{DemoKey}"><button>{page[Words.UseDemoKey]}</button> <code>{DemoKey}</code></form>
            """ : null;
}
