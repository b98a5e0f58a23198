using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallbackReceiver.Callbacks;

/// <summary>The answer to a delivery, given after the commit that holds it.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="DeliveryId">Its id in the ledger: of a duplicate, that of the first delivery of these bytes.</param>
/// <param name="WorkspaceId">The workspace whose key signed it.</param>
/// <param name="MeetingId">The meeting, where the body names one.</param>
/// <param name="Revision">Which analysis of the meeting this is, counted from 1.</param>
/// <param name="Errors">Why it is quarantined.</param>
internal sealed record Receipt(
    Outcome Outcome,
    Guid DeliveryId,
    string WorkspaceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MeetingId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Revision = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SchemaError>? Errors = null);

/// <summary>The answers' JSON, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(IReadOnlyList<SchemaError>))]
internal sealed partial class ReceiptJson : JsonSerializerContext
{
    /// <summary>Writes as all of the service's answers are written: see <see cref="JsonSetup"/>.</summary>
    public static ReceiptJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JsonSetup.Encoder });
}
