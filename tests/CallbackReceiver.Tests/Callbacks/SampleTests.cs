using System.Security.Cryptography;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

[Trait("Category", "Storage")]
public sealed class SampleTests(Receiver receiver) : IClassFixture<Receiver>
{
    public static TheoryData<string> Files => new(Sample.All.Select(sample => sample.File));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_sample_has_its_outcome_and_its_bytes_are_kept(string file)
    {
        var sample = Sample.Of(file);
        if (file == "reanalysed.json")
            await receiver.Service.PostAsync(Sample.Of("documented.json"));

        var answer = await receiver.Service.PostAsync(sample);

        // Samples are posted by more than one test of this class: what the ledger holds does not depend on which came first.
        var row = Assert.Single(await receiver.QueryAsync(
            "SELECT body, body_sha256, outcome FROM deliveries WHERE workspace_id = 'demo' AND delivery_id = $1", Guid.Parse(answer["delivery_id"]!)));
        var outcome = file switch
        {
            "other-event.json" => "ignored",
            "bad-rating.json" => "quarantined",
            _ => "stored",
        };
        Assert.Equal(outcome, row[2]);
        Assert.True(answer["outcome"] == outcome || answer["outcome"] == "duplicate");
        Assert.Equal(answer["outcome"] == "quarantined" ? 202 : 200, answer.Status);
        Assert.Equal(sample.Bytes, row[0]);
        Assert.Equal(SHA256.HashData(sample.Bytes), row[1]);
    }

    [Fact]
    public async Task Chinese_is_read_back_the_same_from_escapes_and_from_utf8()
    {
        await receiver.Service.PostAsync(Sample.Of("mandarin.json"));
        await receiver.Service.PostAsync(Sample.Of("mandarin-utf8.json"));

        foreach (var id in new[] { "seax_00000000000000000000000000000006", "seax_00000000000000000000000000000007" })
        {
            var meeting = await receiver.Service.GetAsync($"/api/v1/workspaces/demo/meetings/{id}");
            Assert.Equal("文件補件", meeting["title"]);
            Assert.Equal("客戶需要補上傳文件。", meeting["summary"]);
        }
    }

    [Fact]
    public async Task Custom_items_and_metadata_are_kept()
    {
        await receiver.Service.PostAsync(Sample.Of("custom-items.json"));

        var meeting = (await receiver.Service.GetAsync("/api/v1/workspaces/demo/meetings/seax_00000000000000000000000000000005")).Json;

        var items = meeting.GetProperty("items");
        Assert.Equal("High", items.GetProperty("upsell_opportunity").GetString());
        Assert.Equal(9, items.GetProperty("nps").GetInt32());
        Assert.True(items.GetProperty("compliance").GetProperty("greeting").GetBoolean());
        Assert.Equal("prod", meeting.GetProperty("metadata").GetProperty("callback_metadata").GetProperty("env").GetString());
    }

    [Fact]
    public async Task Captured_envelope_takes_the_meeting_from_the_payload_and_the_workspace_from_the_url()
    {
        var answer = await receiver.Service.PostAsync(Sample.Of("captured.json"));

        Assert.Equal("2394a2dd-bc25-44f9-a159-643815e55d64", answer["meeting_id"]);
        Assert.Equal("demo", answer["workspace_id"]);
    }

    [Fact]
    public async Task Null_ratings_are_null()
    {
        await receiver.Service.PostAsync(Sample.Of("null-ratings.json"));

        var meeting = (await receiver.Service.GetAsync("/api/v1/workspaces/demo/meetings/seax_00000000000000000000000000000004")).Json;

        Assert.Equal(System.Text.Json.JsonValueKind.Null, meeting.GetProperty("customer_satisfaction_rating").ValueKind);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, meeting.GetProperty("agent_performance_rating").ValueKind);
    }

    [Fact]
    public async Task Nul_and_lone_surrogate_are_shown_as_replacement_characters()
    {
        await receiver.Service.PostAsync(Sample.Of("nul-and-surrogate.json"));

        var meeting = (await receiver.Service.GetAsync("/api/v1/workspaces/demo/meetings/seax_00000000000000000000000000000008")).Json;

        Assert.Equal("before\uFFFDafter", meeting.GetProperty("summary").GetString());
        Assert.Equal("half an emoji \uFFFD here", meeting.GetProperty("transcript")[0].GetProperty("text").GetString());
        Assert.Equal("customer\uFFFD", meeting.GetProperty("speakers")[0].GetString());
    }

    [Fact]
    public async Task Quarantine_names_each_error_by_its_pointer()
    {
        var answer = await receiver.Service.PostAsync(Sample.Of("bad-rating.json"));

        // A duplicate where the theory above came first: then the ledger has the errors.
        var row = Assert.Single(await receiver.QueryAsync("SELECT errors::text FROM deliveries WHERE delivery_id = $1", Guid.Parse(answer["delivery_id"]!)));
        Assert.Contains("/payload/customer_satisfaction_rating", (string)row[0]!);
        Assert.Contains("/payload/transcript", (string)row[0]!);
    }
}
