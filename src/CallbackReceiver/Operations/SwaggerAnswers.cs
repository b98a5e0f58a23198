using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CallbackReceiver.Operations;

/// <summary>
/// Gives every answer an example: the routes' own types and problems, written as the service writes them, so that no example can differ
/// in shape from what is sent.
/// </summary>
internal sealed class SwaggerAnswers(IOptions<JsonOptions> json) : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        foreach (var answer in context.ApiDescription.SupportedResponseTypes)
        {
            if (answer.Type is { } type)
                Show(ResponseOf(operation, answer.StatusCode), SwaggerExamples.Of(type, answer.StatusCode));
        }

        foreach (var answers in context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<ProblemAnswer>().GroupBy(problem => problem.Status))
            Describe(ResponseOf(operation, answers.Key), [.. answers]);

        var inOrder = operation.Responses!.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses!.Clear();
        inOrder.ForEach(response => operation.Responses.Add(response.Key, response.Value));
    }

    private static IOpenApiResponse ResponseOf(OpenApiOperation operation, int status) => operation.Responses![status.ToString(CultureInfo.InvariantCulture)];

    private void Show(IOpenApiResponse response, object? example)
    {
        foreach (var (contentType, media) in ContentOf(response))
        {
            if (SwaggerExamples.OfContent(contentType, json.Value.SerializerOptions) is { } text)
                (media.Schema, media.Example) = (TextOf(contentType), JsonValue.Create(text));
            else if (example is not null)
                media.Example = ToNode(example);
        }
    }

    private static OpenApiSchema TextOf(string contentType) =>
        new() { Type = JsonSchemaType.String, Format = contentType == MediaTypeNames.Application.Octet ? "binary" : null };

    private void Describe(IOpenApiResponse response, ProblemAnswer[] answers)
    {
        response.Description = string.Join(" ", answers.Select(answer => answer.Details.Title));
        foreach (var (_, media) in ContentOf(response))
            media.Example = ToNode(answers[0].Details);
        if (response is OpenApiResponse described && answers.Any(answer => answer.HasRetryAfter))
            described.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = InSeconds };
    }

    private static IEnumerable<(string ContentType, OpenApiMediaType Media)> ContentOf(IOpenApiResponse response) =>
        response.Content?.Select(content => (content.Key, (OpenApiMediaType)content.Value)) ?? [];

    private static OpenApiHeader InSeconds => new() { Description = "Seconds to wait.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } };

    private JsonNode? ToNode(object example) => JsonSerializer.SerializeToNode(example, example.GetType(), json.Value.SerializerOptions);
}
