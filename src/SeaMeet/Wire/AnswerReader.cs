using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SeaMeet;

/// <summary>
/// Makes sense of answers. What a 400 means the document says by the call: <c>MeetingNotFoundError</c> for an upload URL,
/// <c>AudioNotFoundError</c> for an analysis; a body that names another error goes before that.
/// </summary>
internal static class AnswerReader
{
    private const string MeetingNotFound = "MeetingNotFound";
    private const string AudioNotFound = "AudioNotFound";

    public static SeaMeetError OfCreating(Refusal refusal) => Of(refusal, SeaMeetError.Refused, SeaMeetError.NotFound);

    public static SeaMeetError OfMeeting(Refusal refusal) => Of(refusal, SeaMeetError.MeetingNotFound, SeaMeetError.MeetingNotFound);

    public static SeaMeetError OfUploadUrl(Refusal refusal) => refusal switch
    {
        { Status: HttpStatusCode.Conflict } => SeaMeetError.NameConflict,
        { Status: HttpStatusCode.BadRequest } when refusal.Mentions("conflict") || refusal.Mentions("already exist") => SeaMeetError.NameConflict,
        _ => OfMeeting(refusal),
    };

    public static SeaMeetError OfAnalysis(Refusal refusal) => Of(refusal, SeaMeetError.AudioNotFound, SeaMeetError.MeetingNotFound);

    public static SeaMeetError OfJob(Refusal refusal) => Of(refusal, SeaMeetError.Refused, SeaMeetError.NotFound);

    public static SeaMeetError OfStorage(Refusal refusal) => refusal.Status switch
    {
        HttpStatusCode.Forbidden => SeaMeetError.UploadExpired,
        _ => Of(refusal, SeaMeetError.Refused, SeaMeetError.NotFound),
    };

    public static T Read<T>(byte[] answer, JsonTypeInfo<T> type, string failure, bool mayHaveBeenDone = false)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new SeaMeetException(SeaMeetError.UnreadableAnswer, $"{failure}: {exception.Message}", exception) { MayHaveBeenDone = mayHaveBeenDone };
        }
    }

    /// <summary>A job comes wrapped in <c>job</c> by one example of the document, bare by its tables and the other example.</summary>
    public static Job ReadJob(byte[] answer, string failure, bool mayHaveBeenDone = false)
    {
        var json = Read(answer, WireJson.Default.JsonElement, failure, mayHaveBeenDone);
        var job = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("job", out var wrapped) && wrapped.ValueKind == JsonValueKind.Object ? wrapped : json;
        return Read(JsonSerializer.SerializeToUtf8Bytes(job, WireJson.Default.JsonElement), WireJson.Default.Job, failure, mayHaveBeenDone);
    }

    private static SeaMeetError Of(Refusal refusal, SeaMeetError badRequest, SeaMeetError notFound) => refusal switch
    {
        _ when refusal.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => SeaMeetError.Unauthorized,
        _ when Repetition.IsTransient(refusal.Status) || refusal.Status >= HttpStatusCode.InternalServerError => SeaMeetError.Unavailable,
        _ when refusal.Mentions(AudioNotFound) => SeaMeetError.AudioNotFound,
        _ when refusal.Mentions(MeetingNotFound) => SeaMeetError.MeetingNotFound,
        { Status: HttpStatusCode.BadRequest } => badRequest,
        { Status: HttpStatusCode.NotFound } => notFound,
        _ => SeaMeetError.Refused,
    };
}
