using System.Text.Json.Nodes;

namespace SeaMeet.Simulator;

/// <summary>Answers that the document names, or gives no shape for.</summary>
internal static class Answer
{
    public const string MeetingNotFoundError = nameof(MeetingNotFoundError);
    public const string AudioNotFoundError = nameof(AudioNotFoundError);
    public const string FileNameConflictError = nameof(FileNameConflictError);

    /// <summary>An error. The document gives the shape of none; this one is what Python's web frameworks write.</summary>
    public static IResult Error(int status, string detail) => Json(new JsonObject { ["detail"] = detail, ["simulator"] = Notice.Text }, status);

    public static IResult MeetingNotFound() => Error(StatusCodes.Status400BadRequest, MeetingNotFoundError);

    public static IResult Invalid(string detail) => Error(StatusCodes.Status422UnprocessableEntity, detail);

    public static IResult Json(JsonObject body, int status = StatusCodes.Status200OK) => Results.Text(body.ToJsonString(), "application/json", statusCode: status);
}
