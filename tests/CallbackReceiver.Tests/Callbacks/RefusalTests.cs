using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class RefusalTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    private static readonly byte[] Body = new CallbackBuilder().Build();
    private static readonly string Signature = CallbackBuilder.Sign(Body, Keys.Demo);

    public static TheoryData<string, string[]> BadSignatures => new()
    {
        { "wrong", [Header(new string('0', 64))] },
        { "of another workspace", [Header(CallbackBuilder.Sign(Body, Keys.Other))] },
        { "of the key as hexadecimal bytes", [Header(CallbackBuilder.Sign(Body, Keys.Demo[..16]))] },
        { "short", [Header(Signature[..63])] },
        { "long", [Header(Signature + "0")] },
        { "not hexadecimal", [Header(Signature[..63] + "g")] },
        { "with the name of the algorithm", [Header("sha256=" + Signature)] },
        { "empty", [Header("")] },
        { "twice", [Header(Signature), Header(Signature)] },
        { "twice in a line", [Header($"{Signature}, {Signature}")] },
        { "in Base64", [Header(Convert.ToBase64String(Convert.FromHexString(Signature)))] },
    };

    [Theory]
    [MemberData(nameof(BadSignatures))]
    public async Task Bad_signature_is_refused_as_a_missing_one_is(string what, string[] headers)
    {
        var missing = await RawHttp.PostAsync(receiver.Host.Address, "/callbacks/demo", [], Body);
        Assert.StartsWith("HTTP/1.1 401 ", missing, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", missing, StringComparison.Ordinal);
        Assert.DoesNotContain(Signature, missing, StringComparison.OrdinalIgnoreCase);
        foreach (var path in new[] { "/callbacks/demo", "/callbacks" })
        {
            if (path == "/callbacks" && what == "of another workspace")
                continue; // there, the key names the workspace
            Assert.Equal(missing, await RawHttp.PostAsync(receiver.Host.Address, path, headers, Body));
        }

        Assert.Null(await receiver.Database.DeliveryOfAsync(Body));
    }

    [Theory]
    [InlineData("/callbacks/unknown")]
    [InlineData("/callbacks/DEMO")]
    [InlineData("/callbacks/demo%20")]
    [InlineData("/callbacks/d%C3%A9mo")]
    public async Task Unknown_workspace_is_refused_as_a_bad_signature_is(string path)
    {
        var badSignature = await RawHttp.PostAsync(receiver.Host.Address, "/callbacks/demo", [Header(new string('a', 64))], Body);
        Assert.Equal(badSignature, await RawHttp.PostAsync(receiver.Host.Address, path, [Header(Signature)], Body));
        Assert.Null(await receiver.Database.DeliveryOfAsync(Body));
    }

    [Theory]
    [InlineData("demo")]
    [InlineData(null)]
    public async Task Body_that_names_another_workspace_than_the_key_is_forbidden_and_changes_nothing(string? url)
    {
        var id = CallbackBuilder.NewMeetingId();
        var ofOther = new CallbackBuilder(id) with { WorkspaceId = Workspaces.Other };
        Assert.Equal("stored", (await receiver.Client.PostAsync(Workspaces.Other, ofOther.Build(), Keys.Other)).Outcome);

        var forged = (ofOther with { Title = "forged" }).Build();
        var answer = await receiver.Client.PostAsync(url, forged, Keys.Demo);

        Assert.Equal(403, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal("urn:callback-receiver:problem:other-workspace", answer["type"]);
        var meeting = (await receiver.Database.MeetingAsync(id, Workspaces.Other))!;
        Assert.Equal("Document submission", meeting.Title);
        Assert.Single(meeting.DeliveryIds);
        Assert.Null(await receiver.Database.MeetingAsync(id, Workspaces.Demo));
        Assert.Null(await receiver.Database.DeliveryOfAsync(forged, Workspaces.Demo));
        Assert.Null(await receiver.Database.DeliveryOfAsync(forged, Workspaces.Other));
    }

    [Fact]
    public async Task Key_of_one_workspace_does_not_sign_for_the_url_of_another()
    {
        var body = (new CallbackBuilder() with { WorkspaceId = Workspaces.Other }).Build();
        var answer = await receiver.Client.PostAsync(Workspaces.Other, body, Keys.Demo);
        Assert.Equal(401, answer.Status);
        Assert.Equal("urn:callback-receiver:problem:invalid-signature", answer["type"]);
        Assert.Null(await receiver.Database.DeliveryOfAsync(body, Workspaces.Other));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("gzip, identity")]
    public async Task Encoded_body_is_refused(string encoding)
    {
        var body = new CallbackBuilder().Build();
        var answer = await PostEncodedAsync(body, encoding);
        Assert.Equal(415, answer.Status);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Null(await receiver.Database.DeliveryOfAsync(body));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("Identity")]
    public async Task Identity_is_no_encoding(string encoding) =>
        Assert.Equal("stored", (await PostEncodedAsync(new CallbackBuilder().Build(), encoding)).Outcome);

    [Fact]
    public async Task Other_methods_and_paths_are_refused_with_a_problem()
    {
        Assert.Equal((405, "application/problem+json"), await StatusOfAsync("/callbacks/demo"));
        Assert.Equal((404, "application/problem+json"), await StatusOfAsync("/callbacks/demo/more"));

        async Task<(int, string?)> StatusOfAsync(string path)
        {
            var answer = await receiver.Client.GetAsync(path);
            return (answer.Status, answer.ContentType);
        }
    }

    private static string Header(string value) => $"{CallbackClient.SignatureHeader}: {value}";

    private Task<Answer> PostEncodedAsync(byte[] body, string encoding) => receiver.Client.PostAsync(Workspaces.Demo, body, Keys.Demo,
        request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));
}
