using CallbackReceiver.Meetings;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CallbackReceiver.Operations;

/// <summary>Describes the headers that the query API shares: the ETag of what can be asked for again, and the link to a next page.</summary>
internal sealed class SwaggerHeaders : IOperationFilter
{
    private const string Ok = "200";
    private const string NotModified = "304";

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (operation.Responses!.TryGetValue(NotModified, out var unchanged))
        {
            unchanged.Description = "What the reader has, by its ETag, is what there is.";
            AddHeader(unchanged, HeaderNames.ETag, "As in the answer that the reader has.");
            AddHeader(operation.Responses[Ok], HeaderNames.ETag, "What to send as `If-None-Match` next time.");
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = HeaderNames.IfNoneMatch,
                In = ParameterLocation.Header,
                Description = "The ETag of an answer that the reader has.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        if (context.ApiDescription.SupportedResponseTypes.Any(answer => typeof(IPage).IsAssignableFrom(answer.Type)))
            AddHeader(operation.Responses[Ok], HeaderNames.Link, "`<…>; rel=\"next\"`: the next page, relative to this URL. Absent on the last page.");
    }

    private static void AddHeader(IOpenApiResponse response, string name, string description)
    {
        var described = (OpenApiResponse)response;
        (described.Headers ??= new Dictionary<string, IOpenApiHeader>())[name] =
            new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
    }
}
