using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>Where a job is. A status that is not listed here is kept, and is taken as not ended.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<JobStatus>))]
public readonly record struct JobStatus(string Value) : IWireValue<JobStatus>
{
    /// <summary>Waits for its turn.</summary>
    public static JobStatus Queued { get; } = new("QUEUED");

    /// <summary>Is being worked on.</summary>
    public static JobStatus Started { get; } = new("STARTED");

    /// <summary>Has ended well; the analysis comes to the callback URL some time after.</summary>
    public static JobStatus Finished { get; } = new("FINISHED");

    /// <summary>Has ended without a result; the job says why.</summary>
    public static JobStatus Failed { get; } = new("FAILED");

    /// <summary>Whether nothing more comes after this status.</summary>
    public bool IsEnd => this == Finished || this == Failed;

    static JobStatus IWireValue<JobStatus>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
