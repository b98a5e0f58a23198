using System.Text.Json.Nodes;
using SeaMeet.Simulator.Jobs;

namespace SeaMeet.Simulator.Api;

/// <summary>"Run Analysis" and "Get Job by ID" of the document.</summary>
internal sealed class AnalysisApi(MeetingStore meetings, JobStore jobs, JobRunner runner, SimulatorOptions options)
{
    public async Task<IResult> RunAsync(string workspaceId, string meetingId, HttpRequest request)
    {
        if (meetings.Find(workspaceId, meetingId) is not { } meeting)
            return Answer.MeetingNotFound();
        if (await RequestJson.ReadAsync(request) is not { } body)
            return Answer.Invalid("the body is not a JSON object");
        // `channels` by the document, `channel` by its script.
        if ((RequestJson.Number(body, "channels") ?? RequestJson.Number(body, "channel")) is not (1 or 2))
            return Answer.Invalid("channels has to be 1 or 2");
        if (body["scenario_parameters"] is not (null or JsonObject))
            return Answer.Invalid("scenario_parameters is no object");
        if (RequestJson.Text(body, "scenario") == Scenario.CustomerServiceCall.Value && RequestJson.Text((body["scenario_parameters"] as JsonObject) ?? [], "customer_number") is null)
            return Answer.Invalid("scenario_parameters.customer_number is missing");
        if (AudioOf(meeting, body) is not { } audio)
            return Answer.Error(StatusCodes.Status400BadRequest, Answer.AudioNotFoundError);

        var job = new SimulatedJob(Guid.NewGuid().ToString(), meeting, audio, body);
        jobs.Add(job);
        meeting.CountJob();
        var answer = job.ToJson();
        runner.Start(job);
        return Answer.Json(options.Jobs.Bare ? answer : new JsonObject { ["job"] = answer }, StatusCodes.Status202Accepted);
    }

    public IResult GetJob(string workspaceId, string jobId) =>
        jobs.Find(workspaceId, jobId) is { } job ? Answer.Json(job.ToJson()) : Answer.Error(StatusCodes.Status404NotFound, "The requested data does not exist.");

    private static UploadedAudio? AudioOf(SimulatedMeeting meeting, JsonObject body) =>
        RequestJson.Text(body, "file_name") is { } name && !RequestJson.IsTrue(body, "use_existing_audio")
            ? meeting.Audio.GetValueOrDefault(name)
            : meeting.Audio.Values.MaxBy(audio => audio.At);
}
