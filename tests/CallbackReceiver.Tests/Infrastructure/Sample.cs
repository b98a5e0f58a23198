using System.Text.Json;
using System.Text.Json.Serialization;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A body as the vendor's stack writes it, with its signature: one entry of <c>Samples/vectors.json</c>.</summary>
public sealed record Sample(
    [property: JsonPropertyName("body")] string File,
    [property: JsonPropertyName("workspace_id")] string WorkspaceId,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("signature")] string Signature)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Samples");

    public static IReadOnlyList<Sample> All { get; } =
        JsonSerializer.Deserialize<Sample[]>(System.IO.File.ReadAllBytes(Path.Combine(Folder, "vectors.json")))!;

    public byte[] Bytes => System.IO.File.ReadAllBytes(Path.Combine(Folder, File));

    public static Sample Of(string file) => All.Single(sample => sample.File == file);
}
