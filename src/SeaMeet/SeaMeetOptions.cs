namespace SeaMeet;

/// <summary>Where SeaMeet is, who asks, and how patiently.</summary>
public sealed record SeaMeetOptions
{
    /// <summary>The address of Seasalt's own SeaMeet.</summary>
    public static readonly Uri DefaultAddress = new("https://meet.seasalt.ai/seameet-api");

    /// <summary>The address of the API, up to but without <c>/api/v1</c>.</summary>
    public Uri Address { get; set; } = DefaultAddress;

    /// <summary>The bearer token. It goes to <see cref="Address"/> only, never to the storage that takes uploads.</summary>
    public string AccessToken { get; set; } = "";

    /// <summary>How long one attempt at a call may take. The vendor's script waits without limit, since some calls take long.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>How long one attempt at an upload may take.</summary>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a call that failed for the moment, and is safe to repeat, is repeated.</summary>
    public int Repetitions { get; set; } = 5;

    /// <summary>The pause before the first repetition; it doubles with each, up to 30 seconds, unless the answer's <c>Retry-After</c> says more.</summary>
    public TimeSpan RepetitionDelay { get; set; } = TimeSpan.FromSeconds(1);
}
