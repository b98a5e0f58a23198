using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>The section <c>Spool</c>.</summary>
internal sealed class SpoolOptions
{
    public const string Section = "Spool";

    /// <summary>This replica's own folder, on a disk that outlives the process. Empty: the folder <c>spool</c> in the service's state folder.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The most that the deliveries may take together, in bytes; what does not fit is answered 503. 0 turns the spool off.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "Spool:MaxBytes is a number of bytes, 0 or more.")]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Whether deliveries that were spooled for another database are stored in this one, such as after it was set up anew.</summary>
    public bool TakeFromOtherDatabases { get; set; }
}
