using System.IO.Compression;
using System.Text;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Answers;

public sealed class CompressionTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Meetings = "/api/v1/workspaces/demo/meetings";

    private ReceiverProcess Service => receiver.Service;

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip;q=1, br;q=0.1", "gzip")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("identity", null)]
    [InlineData("zstd", null)]
    public async Task An_answer_is_compressed_as_the_reader_likes_it(string accepted, string? encoding)
    {
        await Service.PostAsync("demo", new CallbackBuilder("long").Payload("summary", string.Concat(Enumerable.Repeat("文件補件", 5000))).Build());
        var plain = await Service.GetAsync(Meetings + "/long");

        var answer = await Service.RequestAsync(HttpMethod.Get, Meetings + "/long", Keys.ApiAll, ("Accept-Encoding", accepted));

        Assert.Equal(encoding, answer.Headers.GetValueOrDefault("Content-Encoding"));
        Assert.Equal(plain.Body, Encoding.UTF8.GetString(Decompress(answer.Bytes, encoding)));
        Assert.Equal((plain.Headers["ETag"], "Accept-Encoding"), (answer.Headers["ETag"], answer.Headers["Vary"]));
        if (encoding is not null)
            Assert.InRange(answer.Bytes.Length, 1, plain.Bytes.Length / 10);
    }

    [Fact]
    public async Task A_problem_and_a_transcript_of_plain_text_are_compressed_too()
    {
        await Service.PostAsync("demo", new CallbackBuilder("spoken").Build());

        var problem = await Service.RequestAsync(HttpMethod.Get, Meetings + "?limit=0", Keys.ApiAll, ("Accept-Encoding", "gzip"));
        var text = await Service.RequestAsync(HttpMethod.Get, Meetings + "/spoken/transcript", Keys.ApiAll, ("Accept-Encoding", "gzip"), ("Accept", "text/plain"));

        Assert.Equal((400, "application/problem+json", "gzip"), (problem.Status, problem.ContentType, problem.Headers["Content-Encoding"]));
        Assert.Contains("\"limit\"", Encoding.UTF8.GetString(Decompress(problem.Bytes, "gzip")), StringComparison.Ordinal);
        Assert.Equal(("text/plain", "gzip", "Accept, Accept-Encoding"), (text.ContentType, text.Headers["Content-Encoding"], text.Headers["Vary"]));
    }

    [Fact]
    public async Task The_exact_bytes_of_a_delivery_go_out_as_they_are()
    {
        var body = new CallbackBuilder("exact").Build();
        var id = (await Service.PostAsync("demo", body)).DeliveryId;

        var answer = await Service.RequestAsync(HttpMethod.Get, $"/api/v1/workspaces/demo/deliveries/{id}/body", Keys.ApiAll, ("Accept-Encoding", "gzip, br"));

        Assert.Equal(body, answer.Bytes);
        Assert.False(answer.Headers.ContainsKey("Content-Encoding"));
    }

    [Fact]
    public async Task The_receiving_endpoint_compresses_nothing_and_says_nothing_of_caches()
    {
        var body = new CallbackBuilder("received").Build();
        var answer = await Service.SendAsync("/callbacks/demo", body, CallbackBuilder.Sign(body, Keys.Demo), request => request.Headers.Add("Accept-Encoding", "gzip, br"));

        Assert.Equal((200, "stored"), (answer.Status, answer["outcome"]));
        Assert.All(["Content-Encoding", "Vary", "Cache-Control"], header => Assert.False(answer.Headers.ContainsKey(header)));
    }

    [Theory]
    [InlineData("/api/v1/workspaces", Keys.ApiAll, 200)]
    [InlineData("/api/v1/workspaces", null, 401)]
    [InlineData("/api/v1/workspaces", Keys.ApiManageOnly, 403)]
    [InlineData("/api/v1/workspaces/nowhere/meetings", Keys.ApiAll, 404)]
    [InlineData("/api/v1/no/such/route", Keys.ApiAll, 404)]
    [InlineData(Meetings + "?limit=0", Keys.ApiAll, 400)]
    [InlineData("/api/v1/workspaces/demo/deliveries", Keys.ApiAll, 200)]
    public async Task Every_answer_is_private_and_asked_for_again(string path, string? apiKey, int status)
    {
        var answer = await Service.GetAsync(path, apiKey);

        Assert.Equal((status, "private, no-cache", "Accept-Encoding"), (answer.Status, string.Join(", ", answer.Headers["Cache-Control"].Split(", ").Order().Reverse()), answer.Headers["Vary"]));
    }

    private static byte[] Decompress(byte[] bytes, string? encoding)
    {
        using Stream stream = encoding switch
        {
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
