using System.Text.Json;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>An HTTP answer, read to its end.</summary>
public sealed record Answer(int Status, string Body, byte[] Bytes, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public string? this[string member] => Json.GetProperty(member).ToString();

    /// <summary>Null where the answer is a problem.</summary>
    public string? Outcome => Json.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null;

    public Guid DeliveryId => Json.GetProperty("delivery_id").GetGuid();

    public int Revision => Json.GetProperty("revision").GetInt32();

    /// <summary>The paths of the errors of a quarantined body.</summary>
    public IEnumerable<string> ErrorPaths => Json.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("path").GetString()!);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, System.Text.Encoding.UTF8.GetString(bytes), bytes, response.Content.Headers.ContentType?.MediaType, headers);
    }

    public override string ToString() => $"{Status} {Body}";
}
