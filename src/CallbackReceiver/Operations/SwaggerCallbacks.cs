using System.Text.Json.Nodes;
using CallbackReceiver.Callbacks;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CallbackReceiver.Operations;

/// <summary>Describes what Seasalt sends: the signature, and the body, which is verified and parsed as bytes and so is no parameter of the route.</summary>
internal sealed class SwaggerCallbacks : IOperationFilter
{
    private const string Documented = """
        {
          "event_name": "dashboard_analysis_finished",
          "workspace_id": "demo",
          "meeting_id": "seax_bd4aeffdf09520dd077c7e541b9ae577",
          "payload": {
            "meeting_id": "seax_bd4aeffdf09520dd077c7e541b9ae577",
            "title": "Document submission",
            "summary": "The customer needs to upload supplementary documents.",
            "customer_satisfaction_rating": "A",
            "agent_performance_rating": null,
            "agent_performance_feedback": "The agent gave clear instructions.",
            "risk_factor": "Communication difficulties",
            "transcript": [ { "text": "Hi, I'm calling about my documents.", "speaker": "customer" } ]
          }
        }
        """;

    public const string Captured = """
        {
          "event": "dashboard_analysis_finished",
          "payload": {
            "meeting_id": "2394a2dd-bc25-44f9-a159-643815e55d64",
            "customer_satisfaction_rating": "A",
            "agent_performance_rating": "B",
            "transcript": [ { "text": "Hi, I'm calling about my documents.", "speaker": "customer" } ]
          }
        }
        """;

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (!context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<ITagsMetadata>().Any(tags => tags.Tags.Contains(CallbacksApi.Tag)))
            return;
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = Signature.HeaderName,
            In = ParameterLocation.Header,
            Required = true,
            Description = "HMAC-SHA256 over the body's bytes in hex; the key is the ASCII bytes of the workspace's signing key.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[0-9a-fA-F]{64}$" },
        });
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "An envelope of `event_name` (or `event`) and `payload`, an object or a string of JSON that holds one. Members beyond those "
                + "shown are kept. The Content-Type is not looked at.",
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                ["application/json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Object },
                    Examples = new Dictionary<string, IOpenApiExample>
                    {
                        ["documented"] = new OpenApiExample { Summary = "As the vendor documents it", Value = JsonNode.Parse(Documented) },
                        ["captured"] = new OpenApiExample { Summary = "As captured on the wire: no ids beside the payload", Value = JsonNode.Parse(Captured) },
                    },
                },
            },
        };
    }
}
