using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Operations;

/// <summary>The section <c>Limits</c>: what the web server bears with of any client, whoever it is.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Connections open at once; further ones are closed at once.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Limits:Connections is a number from 1 to 1000000.")]
    public int Connections { get; set; } = 2000;

    /// <summary>All header lines of a request together, in bytes; more is answered 431.</summary>
    [Range(1024, 1024 * 1024, ErrorMessage = "Limits:HeaderBytes is a number of bytes from 1024 to 1048576.")]
    public int HeaderBytes { get; set; } = 16 * 1024;

    /// <summary>Header lines of a request; more are answered 431.</summary>
    [Range(10, 10_000, ErrorMessage = "Limits:HeaderLines is a number from 10 to 10000.")]
    public int HeaderLines { get; set; } = 100;

    /// <summary>How long the header of a request may take; then it is answered 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Limits:HeaderTimeout is a time span such as 00:00:10.")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may stay open between two requests.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Limits:IdleTimeout is a time span such as 00:02:00.")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The least bytes a second that a body must come with, once five seconds have passed; one that comes slower is answered 408.</summary>
    [Range(1, 1_000_000_000, ErrorMessage = "Limits:BodyBytesPerSecond is a number of bytes, 1 or more.")]
    public int BodyBytesPerSecond { get; set; } = 1024;
}
