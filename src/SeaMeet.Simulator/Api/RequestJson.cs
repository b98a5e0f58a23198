using System.Text.Json;
using System.Text.Json.Nodes;

namespace SeaMeet.Simulator.Api;

/// <summary>Reads bodies of requests.</summary>
internal static class RequestJson
{
    /// <returns>Null where the body is no JSON object.</returns>
    public static async Task<JsonObject?> ReadAsync(HttpRequest request)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? Text(JsonObject body, string member) => body[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static int? Number(JsonObject body, string member) => body[member] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    public static bool IsTrue(JsonObject body, string member) => body[member] is JsonValue value && value.TryGetValue(out bool truth) && truth;
}
