namespace CallbackReceiver.WebConsole;

/// <summary>The language and the time zone of a reader, which their browser keeps.</summary>
internal static class Preferences
{
    public const string Path = ConsoleSetup.Root + "/preferences";

    public const string LanguageField = "language";
    public const string Zone = "time_zone";

    private const string Return = "return";
    private const string LanguageCookie = "console-language";
    private const string ZoneCookie = "console-zone";
    private const string Chinese = "zh-TW";
    private const string English = "en";

    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public static string TagOf(Language language) => language == Language.TraditionalChinese ? Chinese : English;

    /// <summary>The one that was chosen, else the first of the browser's that there is.</summary>
    public static Language LanguageOf(HttpRequest request)
    {
        var chosen = request.Cookies[LanguageCookie];
        if (chosen is Chinese or English)
            return chosen == Chinese ? Language.TraditionalChinese : Language.English;
        return request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => Primary(language.Value.Value) switch { "zh" => Language.TraditionalChinese, "en" => Language.English, _ => (Language?)null })
            .FirstOrDefault(language => language is not null) ?? Language.English;
    }

    public static ReaderZone ZoneOf(HttpRequest request) => ReaderZone.TryFind(request.Cookies[ZoneCookie]) ?? ReaderZone.Utc;

    /// <summary>Takes the browser's own time zone where none was chosen yet.</summary>
    public static void KeepFirstZone(HttpContext http, string? zone)
    {
        if (http.Request.Cookies[ZoneCookie] is null && ReaderZone.TryFind(zone) is { } found)
            Keep(http, ZoneCookie, found.Name);
    }

    public static IResult Show(HttpContext http)
    {
        var page = PageContext.Of(http);
        return Layout.Answer(page, page[Words.TimeZone], $"""
            <section class="card narrow"><h1>{page[Words.TimeZone]}</h1>
            <form method="post" action="{Path}">{page.FormToken}<input type="hidden" name="{Return}" value="{http.Request.Query[Return].ToString()}">
            <label>{page[Words.TimeZoneHelp]}<select name="{Zone}">{ReaderZone.Names.Select(name => Option(name, name == page.Zone.Name))}</select></label>
            <button class="primary">{page[Words.Save]}</button></form></section>
            """);
    }

    public static async Task<IResult> ChangeAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form[LanguageField].ToString() is Chinese or English)
            Keep(http, LanguageCookie, form[LanguageField].ToString());
        if (ReaderZone.TryFind(form[Zone]) is { } zone)
            Keep(http, ZoneCookie, zone.Name);
        var goOn = form[Return].ToString();
        return TypedResults.LocalRedirect(PageContext.IsOfConsole(goOn) ? goOn : ConsoleSetup.Root);
    }

    /// <summary>The button that changes the language, wherever the reader is.</summary>
    public static Html LanguageSwitch(PageContext page)
    {
        var (other, name) = page.Language == Language.English ? (Chinese, "中文") : (English, "English");
        return $"""
            <form method="post" action="{Path}">{page.FormToken}<input type="hidden" name="{Return}" value="{page.Url}">
            <button class="link" name="{LanguageField}" value="{other}" lang="{other}">{name}</button></form>
            """;
    }

    /// <summary>The link to where the time zone is changed.</summary>
    public static Html ZoneLink(PageContext page) =>
        $"""<a href="{Path + QueryString.Create(Return, page.Url)}" title="{page[Words.TimeZone]}">{page.Zone.Name}</a>""";

    private static Html Option(string name, bool isChosen) => isChosen ? (Html)$"<option selected>{name}</option>" : (Html)$"<option>{name}</option>";

    private static string Primary(string? tag) => (tag ?? "").Split('-')[0].ToLowerInvariant();

    private static void Keep(HttpContext http, string cookie, string value) => http.Response.Cookies.Append(cookie, value, new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = ConsoleSetup.Root,
        MaxAge = Kept,
    });
}
