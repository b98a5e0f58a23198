using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>Where a recording can be put, without further authorization, until it expires.</summary>
public sealed record UploadUrl
{
    /// <summary>The presigned address. Whoever knows it can upload: it is a secret.</summary>
    [JsonRequired]
    [JsonPropertyName("upload_audio_url")]
    public required Uri Url { get; init; }

    /// <summary>When it stops working; null where the answer does not say.</summary>
    [JsonPropertyName("expired_time")]
    [JsonConverter(typeof(WireTime))]
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Leaves the address out.</summary>
    public override string ToString() => $"upload URL at {Url.Host}, expires {Expires:u}";
}
