using System.Text.Json.Nodes;
using SeaMeet.Simulator.Api;
using SeaMeet.Simulator.Callbacks;
using SeaMeet.Simulator.Jobs;

namespace SeaMeet.Simulator;

/// <summary>What SeaMeet has not: a look inside, for people and for tests. The web interface of SeaMeet shows meetings too.</summary>
internal static class Inspection
{
    public static void MapInspection(this WebApplication app)
    {
        app.MapGet("/", Page);
        app.MapGet("/simulator/meetings", (MeetingStore meetings) => new JsonArray([.. meetings.All.Select(Show)]));
        app.MapGet("/simulator/callbacks", (SentCallbacks callbacks) => new JsonArray([.. callbacks.Latest.Select(Show)]));
        app.MapGet("/simulator/counts", Counts);
    }

    private static JsonObject Counts(MeetingStore meetings, JobStore jobs, SentCallbacks callbacks) => new()
    {
        ["meetings_created"] = meetings.Created,
        ["meetings_deleted"] = meetings.Deleted,
        ["jobs"] = new JsonObject([.. jobs.ByStatus().Select(status => KeyValuePair.Create(status.Key.Value, (JsonNode?)status.Value))]),
        ["callbacks_sent"] = callbacks.Count,
    };

    private static JsonObject Show(SimulatedMeeting meeting) => new()
    {
        ["workspace_id"] = meeting.WorkspaceId,
        ["id"] = meeting.Id,
        ["name"] = meeting.Name,
        ["language"] = meeting.Language,
        ["jobs"] = meeting.Jobs,
        ["audio"] = new JsonArray([.. meeting.Audio.Values.Select(audio => new JsonObject { ["name"] = audio.Name, ["length"] = audio.Length, ["sha256"] = audio.Sha256 })]),
    };

    private static JsonObject Show(SentCallback callback) => new()
    {
        ["workspace_id"] = callback.WorkspaceId,
        ["meeting_id"] = callback.MeetingId,
        ["signature"] = callback.Signature,
        ["answer"] = callback.Answer,
        ["body"] = callback.Body,
    };

    private static IResult Page(SimulatorOptions options, MeetingStore meetings, JobStore jobs, SentCallbacks callbacks)
    {
        var text = $"""
            {Notice.Text}. It stands in for https://meet.seasalt.ai/seameet-api: no recording is listened to, every analysis is made up.

            API            /seameet-api/api/v1/workspaces/... as in the vendor's document, with its bearer token
            Workspaces     {string.Join(", ", options.Workspaces.Select(workspace => $"{workspace.Key} (callbacks to {workspace.Value.CallbackUrl?.ToString() ?? "nowhere"})"))}
            Meetings       {meetings.Created} created, {meetings.Deleted} deleted: /simulator/meetings
            Jobs           {string.Join(", ", jobs.ByStatus().Select(status => $"{status.Value} {status.Key}"))}
            Callbacks      {callbacks.Count} sent: /simulator/callbacks shows the latest with their bytes and signatures

            """;
        return Results.Text(text, "text/plain; charset=utf-8");
    }
}
