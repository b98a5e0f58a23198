using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>The section <c>Spool</c>.</summary>
internal sealed class SpoolOptions
{
    public const string Section = "Spool";

    /// <summary>The folder, on a disk that outlives the process; several replicas may share it. Empty: the folder <c>spool</c> in the service's state folder.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The most that the files may take together, in bytes; what does not fit is answered 503. 0 turns the spool off.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "Spool:MaxBytes is a number of bytes, 0 or more.")]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;
}
