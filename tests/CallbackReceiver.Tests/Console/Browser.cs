using System.Net;
using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.WebConsole;

/// <summary>What a browser does: keeps cookies, says where a request comes from, and sends the hidden fields of a form. Redirects are left to the test.</summary>
internal sealed partial class Browser : IDisposable
{
    public const string SignInPath = "/console/sign-in";

    private readonly HttpClient http;

    public Browser(Uri address) => http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = address };

    public CookieContainer Cookies { get; } = new();

    /// <summary>A browser that is signed in.</summary>
    public static async Task<Browser> SignedInAsync(Uri address, string apiKey = Keys.ApiAll)
    {
        var browser = new Browser(address);
        Assert.Equal(302, (await browser.SignInAsync(apiKey)).Status);
        return browser;
    }

    public Task<Answer> SignInAsync(string apiKey, string goOn = "/console") => SubmitAsync(SignInPath, SignInPath, ("key", apiKey), ("return", goOn));

    public async Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await SendAsync(request);
    }

    /// <summary>Opens a page and sends one of its forms.</summary>
    public async Task<Answer> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var token = Token().Match((await GetAsync(page)).Body).Groups[1].Value;
        return await PostAsync(action, "same-origin", [("form_token", token), .. fields]);
    }

    /// <param name="path">Where to.</param>
    /// <param name="site">What a browser says about the page that the form is of; null for none.</param>
    /// <param name="fields">What it sends.</param>
    public async Task<Answer> PostAsync(string path, string? site, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        return await SendAsync(request);
    }

    public async Task<string> TokenAsync(string page) => Token().Match((await GetAsync(page)).Body).Groups[1].Value;

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
