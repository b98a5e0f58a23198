using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Access;

/// <summary>The section <c>RateLimit</c>: how much of the query API one reader may have of one replica.</summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    /// <summary>Requests of one API key, or of one subject of an issuer, within a minute; an API key may have a limit of its own. 0: no limit.</summary>
    [Range(0, int.MaxValue, ErrorMessage = "RateLimit:RequestsPerMinute is a number of requests, 0 (no limit) or more.")]
    public int RequestsPerMinute { get; set; } = 60_000;

    /// <summary>Exports of one reader at once. 0: no limit but that of all readers together.</summary>
    [Range(0, int.MaxValue, ErrorMessage = "RateLimit:Exports is a number of exports, 0 (no limit) or more.")]
    public int Exports { get; set; } = 4;

    /// <summary>Streams of events that one reader listens to at once. 0: no limit but that of all readers together.</summary>
    [Range(0, int.MaxValue, ErrorMessage = "RateLimit:Listeners is a number of streams, 0 (no limit) or more.")]
    public int Listeners { get; set; } = 200;

    /// <summary>Wrong keys from one client address within a minute; until the minute is over, only keys known from there are let in.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "RateLimit:WrongKeysPerMinute is a number of requests, 1 or more.")]
    public int WrongKeysPerMinute { get; set; } = 300;
}
