using CallbackReceiver.Access;
using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;
using CallbackReceiver.Meetings.Exporting;
using CallbackReceiver.Operations;
using CallbackReceiver.WebConsole.Access;
using CallbackReceiver.WebConsole.Calls;
using CallbackReceiver.WebConsole.Overview;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.WebConsole;

/// <summary>
/// The console: pages on which people look at calls. It reads what the query API reads, by the same filters. (The namespace is not
/// <c>Console</c>, which would hide .NET's own.)
/// </summary>
internal static class ConsoleSetup
{
    public const string Root = "/console";

    /// <summary>To stand before <see cref="Problem.AddProblems"/>: of those that can write a problem the first one does.</summary>
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ConsoleOptions>().BindConfiguration(ConsoleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (!ConsoleOptions.AreEnabledBy(builder.Configuration, builder.Environment))
            return;
        services.AddSingleton<IsEnabled>();
        services.AddSingleton<IProblemDetailsWriter, ProblemPages>();
        services.AddSingleton<MatcherPolicy, ConsolePort>();
        services.AddSingleton<CallExcerpts>();
        services.AddSessions();
        if (int.TryParse(builder.Configuration[ConsoleOptions.PortKey], out var port))
            ListeningAddress.Add(builder, "Console", port);
    }

    /// <summary>To stand right after the routing.</summary>
    public static void UseConsole(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<IsEnabled>() is null)
            return;
        if (PortOf(app.ApplicationServices) is { } port)
            ConsolePort.Guard(app, port);
        app.UseWhen(PageContext.IsOfConsole, console => console
            .UseMiddleware<PageHeaders>().UseMiddleware<HeadAnswers>().Use(ConsoleSession.RecogniseAsync));
    }

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<IsEnabled>() is null)
            return;
        var console = routes.MapGroup("").WithMetadata(new OnConsolePort(), new ForReaders()).ExcludeFromDescription();
        HeadAnswers.AllowOn(console);
        console.MapGet("/", () => TypedResults.LocalRedirect(Root));
        console.MapGet(Assets.Route, Assets.Get);
        console.MapGet(Root + "/{**path}", () => TypedResults.StatusCode(StatusCodes.Status404NotFound));
        console.MapGet(SignIn.Path, SignIn.Show);
        console.MapGet(Preferences.Path, Preferences.Show);

        var forms = console.MapGroup("").AddEndpointFilter<FormGuard>();
        forms.MapPost(SignIn.Path, SignIn.TakeKeyAsync);
        forms.MapPost(SignIn.OutPath, (Delegate)SignIn.LeaveAsync);
        forms.MapPost(Preferences.Path, (Delegate)Preferences.ChangeAsync);
        console.MapPages();
    }

    /// <summary>What only readers see who are signed in.</summary>
    private static void MapPages(this RouteGroupBuilder console)
    {
        var pages = console.MapGroup(Root).RequireAuthorization(ConsoleSession.Policy).RequireRateLimiting(ReaderLimit.PolicyName).AddEndpointFilter<QueryDeadline>();
        pages.MapGet("", WorkspacesPage.ShowAsync);
        var workspace = pages.MapGroup($"/{{{WorkspaceFilter.RouteParameter}}}").AddEndpointFilter<WorkspaceFilter>();
        workspace.MapGet("", OverviewPage.ShowAsync);
        workspace.MapGet("/calls", CallsPage.ShowAsync).TakesQuery([.. MeetingFilter.Parameters, SortOrders.Parameter, QueryParameter.Cursor]);
        workspace.MapGet("/export", ExportApi.Get).TakesQuery(ExportApi.Parameters).WithMetadata(new StreamRoute(StreamKind.Export));

        var call = workspace.MapGroup($"/calls/{{{MeetingId.RouteParameter}}}");
        call.MapGet("", CallPage.ShowAsync).TakesQuery([.. MeetingFilter.Parameters, SortOrders.Parameter, CallPage.Find]);
        call.MapGet("/transcript", CallPage.DownloadAsync);
    }

    private static void AddSessions(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("callback-receiver");
        services.AddOptions<KeyManagementOptions>().Configure<Storage.ManageDatabase>((keys, database) => keys.XmlRepository = new SessionKeys(database));
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "console-form";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = PageContext.TokenField;
            forms.SuppressXFrameOptionsHeader = true; // the content security policy says it
        });
        new AuthenticationBuilder(services).AddCookie(ConsoleSession.SchemeName, ConsoleSession.Configure);
        services.AddAuthorizationBuilder().AddPolicy(ConsoleSession.Policy, policy => policy
            .AddAuthenticationSchemes(ConsoleSession.SchemeName).RequireAuthenticatedUser().RequireClaim(ReaderClaims.Scope, AccessScopes.Read));

        // All of these add Data Protection, of which one service reads the keys at the start. The start waits for no database: they are read when somebody comes.
        services.Remove(services.Single(service => service.ImplementationType?.Name == "DataProtectionHostedService"));
    }

    private static int? PortOf(IServiceProvider services) => services.GetRequiredService<IOptions<ConsoleOptions>>().Value.Port;

    private sealed class IsEnabled;
}
