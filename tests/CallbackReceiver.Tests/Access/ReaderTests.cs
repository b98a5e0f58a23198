using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Access;

/// <summary>Who may read what.</summary>
public sealed class ReaderTests(Receiver receiver) : IClassFixture<Receiver>
{
    private ReceiverProcess Service => receiver.Service;

    /// <summary>Every route of one workspace, of whichever workspace and meeting.</summary>
    public static TheoryData<string> RoutesOfAWorkspace =>
    [
        "/api/v1/workspaces/{0}/meetings",
        "/api/v1/workspaces/{0}/meetings/{1}",
        "/api/v1/workspaces/{0}/meetings/{1}/transcript",
        "/api/v1/workspaces/{0}/meetings/{1}/revisions",
        "/api/v1/workspaces/{0}/meetings/{1}/revisions/1",
    ];

    public static TheoryData<string> Routes => ["/api/v1/workspaces", .. RoutesOfAWorkspace.Select(route => route.Data)];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task No_key_a_wrong_key_and_another_scheme_answer_401(string route)
    {
        await Service.PostAsync("demo", new CallbackBuilder("known").Build());
        var path = At(route, "demo", "known");

        var missing = await Service.GetAsync(path, apiKey: null);
        var wrong = await Service.GetAsync(path, "api-key-of-nobody");
        var empty = await Service.GetAsync(path, " ");

        Assert.All([missing, wrong, empty], answer =>
        {
            Assert.Equal((401, "application/problem+json", "Bearer"), (answer.Status, answer.ContentType, answer.Headers["WWW-Authenticate"]));
            Assert.Equal("""{"type":"urn:callback-receiver:problem:unauthorized","title":"An API key is needed, as a bearer token.","status":401}""", answer.Body);
        });
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_key_without_the_scope_answers_403(string route)
    {
        var answer = await Service.GetAsync(At(route, "demo", "known"), Keys.ApiManageOnly);

        Assert.Equal((403, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal("urn:callback-receiver:problem:forbidden", answer["type"]);
    }

    [Theory]
    [MemberData(nameof(RoutesOfAWorkspace))]
    public async Task A_workspace_outside_the_keys_list_answers_as_one_that_does_not_exist(string route)
    {
        await Service.PostAsync("other", new CallbackBuilder("secret").Envelope("workspace_id", "other").Build(), Keys.Other);

        var hidden = await Service.GetAsync(At(route, "other", "secret"), Keys.ApiDemo);
        var missing = await Service.GetAsync(At(route, "nowhere", "secret"), Keys.ApiDemo);
        var missingForAll = await Service.GetAsync(At(route, "nowhere", "secret"), Keys.ApiAll);
        var seen = await Service.GetAsync(At(route, "other", "secret"), Keys.ApiAll);

        Assert.Equal((404, "application/problem+json", 200), (hidden.Status, hidden.ContentType, seen.Status));
        Assert.Equal((hidden.Status, hidden.Body), (missing.Status, missing.Body));
        Assert.Equal((hidden.Status, hidden.Body), (missingForAll.Status, missingForAll.Body));
        Assert.Equal(HeadersWithoutDate(hidden), HeadersWithoutDate(missing));
    }

    [Fact]
    public async Task An_asterisk_in_the_url_is_no_workspace()
    {
        Assert.Equal(404, (await Service.GetAsync("/api/v1/workspaces/*/meetings", Keys.ApiDemo)).Status);
        Assert.Equal(404, (await Service.GetAsync("/api/v1/workspaces/*/meetings", Keys.ApiAll)).Status);
    }

    [Fact]
    public async Task Workspaces_are_those_the_key_may_see_configured_or_with_meetings()
    {
        const string KeyOfGone = "gO1nE2gO3nE4gO5nE6gO7nE8gO9nE0gO";
        await using (var former = await receiver.StartAsync(("Workspaces:gone:Keys:0", KeyOfGone)))
            await former.PostAsync("gone", new CallbackBuilder("left").Envelope("workspace_id", "gone").Build(), KeyOfGone);
        await Service.PostAsync("demo", new CallbackBuilder("known").Build());
        var last = await receiver.ScalarAsync<DateTime>("SELECT max(received_at) FROM meetings WHERE workspace_id = 'demo'");
        var count = await receiver.ScalarAsync<long>("SELECT count(*) FROM meetings WHERE workspace_id = 'demo'");

        var all = await Service.GetAsync("/api/v1/workspaces");
        var demo = await Service.GetAsync("/api/v1/workspaces", Keys.ApiDemo);

        Assert.Equal(["demo", "gone", "other"], all.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("workspace_id").GetString()!));
        var only = Assert.Single(demo.Json.GetProperty("items").EnumerateArray());
        Assert.Equal("demo", only.GetProperty("workspace_id").GetString());
        Assert.Equal((count, last), (only.GetProperty("meetings").GetInt64(), only.GetProperty("last_received_at").GetDateTime()));
        Assert.Equal(200, (await Service.GetAsync("/api/v1/workspaces/gone/meetings/left")).Status);
    }

    [Fact]
    public async Task A_configured_workspace_without_meetings_is_there_and_empty()
    {
        await using var service = await receiver.StartAsync(("Workspaces:new:Keys:0", "nE1wN2wN3wN4wN5wN6wN7wN8wN9wN0wN"));

        var workspace = (await service.GetAsync("/api/v1/workspaces")).Json.GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("workspace_id").GetString() == "new");
        var meetings = await service.GetAsync("/api/v1/workspaces/new/meetings");

        Assert.Equal((0, JsonValueKind.Null), (workspace.GetProperty("meetings").GetInt32(), workspace.GetProperty("last_received_at").ValueKind));
        Assert.Equal((200, """{"items":[],"next_cursor":null}"""), (meetings.Status, meetings.Body));
    }

    [Fact]
    public async Task A_key_is_added_and_withdrawn_without_a_restart()
    {
        using var secrets = new TemporaryDirectory();
        await using var service = await receiver.StartAsync(("Secrets:Directory", secrets.Path));
        Assert.Equal(401, (await service.GetAsync("/api/v1/workspaces", "late-key")).Status);

        secrets.Write("ApiKeys__9__Name", "late");
        secrets.Write("ApiKeys__9__Workspaces__0", "demo");
        secrets.Write("ApiKeys__9__Scopes__0", "read");
        secrets.Write("ApiKeys__9__Sha256", Keys.Digest("late-key"));
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/api/v1/workspaces", "late-key")).Status == 200);

        secrets.Write("ApiKeys__9__Sha256", Keys.Digest("later-key"));
        await Eventually.HoldsAsync(async () => (await service.GetAsync("/api/v1/workspaces", "later-key")).Status == 200);
        Assert.Equal(401, (await service.GetAsync("/api/v1/workspaces", "late-key")).Status);
    }

    private static string At(string route, string workspaceId, string meetingId) =>
        route.Replace("{0}", workspaceId, StringComparison.Ordinal).Replace("{1}", meetingId, StringComparison.Ordinal);

    private static IEnumerable<string> HeadersWithoutDate(Answer answer) =>
        answer.Headers.Where(header => header.Key != "Date").Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal);

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("callback-receiver-secrets-").FullName;

        public void Write(string name, string value) => File.WriteAllText(System.IO.Path.Combine(Path, name), value);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
