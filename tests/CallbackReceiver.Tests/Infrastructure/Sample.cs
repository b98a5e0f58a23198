using System.Text.Json;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A body as the vendor's stack writes it, with its signature: an entry of <c>Samples/vectors.json</c>.</summary>
internal sealed record Sample(string Body, string WorkspaceId, string Key, string Signature)
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<Sample> All { get; } = JsonSerializer.Deserialize<List<Sample>>(Read("vectors.json"), SnakeCase)!;

    public byte[] Bytes => Read(Body);

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", file));
}
