using System.Globalization;
using System.Text.Json.Nodes;
using CallbackReceiver.Meetings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CallbackReceiver.Operations;

/// <summary>Describes what a reader sends: the API key and its scope, examples of what is in paths, and the query parameters, which the routes read by themselves.</summary>
internal sealed class SwaggerReaders : IOperationFilter
{
    public const string SecurityScheme = "api_key";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var scopes = metadata.OfType<IAuthorizeData>().Select(data => data.Policy).OfType<string>().Distinct().ToList();
        if (scopes.Count > 0)
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = scopes }];
        if (context.ApiDescription.RelativePath!.Contains($"{{{MeetingId.RouteParameter}}}", StringComparison.Ordinal))
            (operation.Parameters ??= []).Insert(1, MeetingIdInPath);
        foreach (var parameter in metadata.OfType<QueryParameter>())
            (operation.Parameters ??= []).Add(Describe(parameter));
        ShowExamples(operation.Parameters ?? []);
    }

    private static void ShowExamples(IEnumerable<IOpenApiParameter> parameters)
    {
        foreach (var parameter in parameters.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
            parameter.Example = SwaggerExamples.OfPathParameter(parameter.Name!);
    }

    private static OpenApiParameter MeetingIdInPath => new()
    {
        Name = MeetingId.RouteParameter,
        In = ParameterLocation.Path,
        Required = true,
        Description = "The meeting, as SeaMeet names it.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter Describe(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Description = parameter.Description,
        Schema = parameter.IsRepeatable
            ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = SchemaOf(parameter) }
            : SchemaOf(parameter),
    };

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter switch
    {
        { IsInteger: true } => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = QueryParameter.MaxLimit.ToString(CultureInfo.InvariantCulture),
            Default = JsonValue.Create(QueryParameter.DefaultLimit),
        },
        { Values: { } values } => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. values.Select(value => JsonValue.Create(value))] },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
