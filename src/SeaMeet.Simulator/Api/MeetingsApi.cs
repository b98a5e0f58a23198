using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SeaMeet.Simulator.Storage;

namespace SeaMeet.Simulator.Api;

/// <summary>"Create Meeting", "Delete Meeting" and "Generate Audio Upload URL" of the document.</summary>
internal sealed class MeetingsApi(MeetingStore meetings, PresignedUrls urls, TimeProvider time)
{
    public async Task<IResult> CreateAsync(string workspaceId, HttpRequest request)
    {
        if (await RequestJson.ReadAsync(request) is not { } body)
            return Answer.Invalid("the body is not a JSON object");
        if (RequestJson.Text(body, "meeting_name") is not { Length: > 0 } name)
            return Answer.Invalid("meeting_name is missing");
        if (RequestJson.Text(body, "channel_type") is not { } channelType || channelType != ChannelType.Phone.Value)
            return Answer.Invalid("channel_type has to be that of the workspace, PHONE");
        if (RequestJson.Text(body, "language") is not { } language || !MeetingLanguage.Documented.Any(documented => documented.Value == language))
            return Answer.Invalid("language is none of the 21 of the document");
        if (WireTime.Read(RequestJson.Text(body, "start_time")) is not { } start)
            return Answer.Invalid("start_time is neither 'yyyy-mm-ddThh:mm:ss' nor 'yyyy-mm-dd hh:mm:ss'");
        if (body["resource_metadata"] is not (null or JsonObject))
            return Answer.Invalid("resource_metadata is no object");

        var meeting = new SimulatedMeeting(workspaceId, "seax_" + RandomNumberGenerator.GetHexString(32, lowercase: true), name, language);
        meetings.Add(meeting);
        return Answer.Json(new JsonObject
        {
            ["id"] = meeting.Id,
            ["owner_id"] = "simulator",
            ["name"] = name,
            ["participants_number"] = 0,
            ["status"] = MeetingStatus.Initial.Value,
            ["start_time"] = start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            ["language"] = language,
            ["duration"] = 0,
            ["flag"] = "WAITING",
            ["channel_type"] = channelType,
        });
    }

    public IResult Delete(string workspaceId, string meetingId) =>
        meetings.Remove(workspaceId, meetingId) ? Results.NoContent() : Answer.MeetingNotFound();

    /// <summary>The name comes in the body as <c>name</c>, by the document, or in the query as <c>file_name</c>, by its script.</summary>
    public async Task<IResult> CreateUploadUrlAsync(string workspaceId, string meetingId, HttpRequest request)
    {
        if (meetings.Find(workspaceId, meetingId) is not { } meeting)
            return Answer.MeetingNotFound();
        if (await RequestJson.ReadAsync(request) is not { } body)
            return Answer.Invalid("the body is not a JSON object");
        var inQuery = request.Query["file_name"].ToString();
        var name = RequestJson.Text(body, "name") ?? inQuery;
        if (name.Length == 0)
            return Answer.Invalid("the name of the file is missing: name in the body, or file_name in the query");
        if (inQuery.Length > 0 && inQuery != name)
            return Answer.Invalid("name in the body and file_name in the query differ");
        if (meeting.Audio.ContainsKey(name))
            return Answer.Error(StatusCodes.Status400BadRequest, Answer.FileNameConflictError);
        var url = urls.Create(request, workspaceId, meetingId, name, time.GetUtcNow());
        return Answer.Json(new JsonObject { ["upload_audio_url"] = url.Address, ["expired_time"] = WireTime.Write(url.Expires) });
    }
}
