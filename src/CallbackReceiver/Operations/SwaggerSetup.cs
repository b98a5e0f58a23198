using System.Reflection;
using CallbackReceiver.Answers;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace CallbackReceiver.Operations;

/// <summary>The OpenAPI document and the page that shows it, in every environment: they hold no secret.</summary>
internal static class SwaggerSetup
{
    private const string Version = "v1";

    public static void AddSwaggerDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc(Version, new OpenApiInfo
            {
                Title = "CallbackReceiver",
                Version = Version,
                Description = "Receives the call analyses that Seasalt's SeaMeet sends to a workspace's callback URL, and serves them to dashboards. "
                    + "Callbacks are signed with the workspace's key; readers send an API key, or a JWT of the configured issuer. What answers GET answers HEAD too. Every error is `application/problem+json` with a stable `type`.",
            });
            swagger.AddSecurityDefinition(SwaggerReaders.SecurityScheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key, which sees the workspaces and has the scopes (`read`, `manage`) that its configuration lists; "
                    + "or a JWT of the configured issuer, which claims them.",
            });
            swagger.IncludeXmlComments(Assembly.GetExecutingAssembly());
            swagger.SupportNonNullableReferenceTypes();
            swagger.NonNullableReferenceTypesAsRequired();
            swagger.CustomSchemaIds(NameOf);
            swagger.MapType<JsonText>(() => new OpenApiSchema());
            swagger.DocInclusionPredicate((_, route) => route.HttpMethod != HttpMethods.Head); // as GET, in all but the body
            swagger.OperationFilter<SwaggerHeaders>();
            swagger.SchemaFilter<SwaggerSchemas>();
            swagger.OperationFilter<SwaggerCallbacks>();
            swagger.OperationFilter<SwaggerReaders>();
            swagger.OperationFilter<SwaggerAnswers>();
        });
    }

    public static void MapSwaggerDocument(this IEndpointRouteBuilder routes)
    {
        var document = new SwaggerDocument(routes.ServiceProvider.GetRequiredService<IAsyncSwaggerProvider>(), Version);
        routes.MapMethods($"/swagger/{Version}/swagger.json", [HttpMethods.Get, HttpMethods.Head], (Delegate)document.AnswerAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapSwaggerUI("swagger", ui => ui.DocumentTitle = "CallbackReceiver").AllowAnonymous();
    }

    /// <summary>That a type is this service's view of something is no concern of a reader's: <c>Page&lt;MeetingView&gt;</c> is a MeetingPage.</summary>
    private static string NameOf(Type type)
    {
        var name = type.Name.Split('`')[0];
        name = name.EndsWith("View", StringComparison.Ordinal) ? name[..^"View".Length] : name;
        return string.Concat(type.GetGenericArguments().Select(NameOf)) + name;
    }
}
