using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class VectorTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Every_sample_is_verified_and_kept_to_the_byte()
    {
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString);
        var samples = JsonElement.Parse(await File.ReadAllTextAsync(PathOf("vectors.json"), TestContext.Current.CancellationToken));
        foreach (var sample in samples.EnumerateArray())
        {
            var body = await File.ReadAllBytesAsync(PathOf(sample.GetProperty("body").GetString()!), TestContext.Current.CancellationToken);
            var answer = await host.Client.PostSignedAsync(Workspaces.Demo, body, sample.GetProperty("signature").GetString());
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, answer.ToString());
            var row = await database.DeliveryOfAsync(body);
            Assert.NotNull(row);
            Assert.Equal(SHA256.HashData(body), SHA256.HashData(row.Body));
        }
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Samples", file);
}
