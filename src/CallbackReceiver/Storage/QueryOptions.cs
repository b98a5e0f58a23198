using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Storage;

/// <summary>The section <c>Queries</c>: what one query may take of PostgreSQL.</summary>
internal sealed class QueryOptions
{
    public const string Section = "Queries";

    /// <summary>How long a query may take; then PostgreSQL is told to end it, and it is answered 503. Of an export: how long PostgreSQL may be silent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = $"{Section}:Timeout must be a time span from 00:00:01 to 01:00:00, such as 00:00:30.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
