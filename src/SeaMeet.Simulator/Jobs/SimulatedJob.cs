using System.Text.Json.Nodes;
using SeaMeet.Simulator.Api;

namespace SeaMeet.Simulator.Jobs;

/// <summary>An analysis that was started.</summary>
/// <param name="Id">The id.</param>
/// <param name="Meeting">What it analyses.</param>
/// <param name="Audio">The recording.</param>
/// <param name="Parameters">The body of the request that started it.</param>
internal sealed record SimulatedJob(string Id, SimulatedMeeting Meeting, UploadedAudio Audio, JsonObject Parameters)
{
    private volatile State state = new(JobStatus.Queued, null);

    public JobStatus Status => state.Status;

    public void Start() => state = new State(JobStatus.Started, null);

    public void Finish() => state = new State(JobStatus.Finished, null);

    public void Fail(string reason) => state = new State(JobStatus.Failed, reason);

    public JsonObject ToJson()
    {
        var now = state;
        return new JsonObject
        {
            ["id"] = Id,
            ["type"] = "MEETING_ANALYSIS",
            ["relations"] = new JsonObject { ["meeting_id"] = Meeting.Id, ["workspace_id"] = Meeting.WorkspaceId },
            ["parameters"] = Parameters.DeepClone(),
            ["status"] = now.Status.Value,
            ["error_message"] = now.Error,
            ["result"] = null,
        };
    }

    private sealed record State(JobStatus Status, string? Error);
}
