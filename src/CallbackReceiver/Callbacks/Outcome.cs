using System.Text.Json;
using System.Text.Json.Serialization;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Callbacks;

/// <summary>What became of a delivery.</summary>
[JsonConverter(typeof(OutcomeJsonConverter))]
internal enum Outcome
{
    /// <summary>A new analysis is committed.</summary>
    Stored,

    /// <summary>The same bytes had come before.</summary>
    Duplicate,

    /// <summary>Another event; its bytes are kept.</summary>
    Ignored,

    /// <summary>Does not fit the schema; its bytes are kept, and can be replayed.</summary>
    Quarantined,

    /// <summary>PostgreSQL is away; the delivery is safe in the spool and will be stored by itself.</summary>
    Spooled,

    /// <summary>Its meeting was erased after it had been received; only digest and times are kept.</summary>
    Erased,
}

/// <summary>The outcomes as the ledger and the answers write them.</summary>
internal static class OutcomeNames
{
    public static string Of(Outcome outcome) => outcome switch
    {
        Outcome.Stored => "stored",
        Outcome.Duplicate => "duplicate",
        Outcome.Ignored => "ignored",
        Outcome.Quarantined => "quarantined",
        Outcome.Spooled => "spooled",
        Outcome.Erased => MeetingRemoval.Outcome,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}

/// <summary>Writes an outcome in the answers as the ledger does.</summary>
internal sealed class OutcomeJsonConverter() : JsonStringEnumConverter<Outcome>(JsonNamingPolicy.SnakeCaseLower);
