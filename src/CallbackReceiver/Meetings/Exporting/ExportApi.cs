using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Meetings.Exporting;

/// <summary>All meetings of a filter in one answer, written as they come from PostgreSQL.</summary>
internal static class ExportApi
{
    private const string NdJson = "ndjson";
    private const string Csv = "csv";
    private const string Transcript = "transcript";
    private const string True = "true";

    private static readonly QueryParameter Format = new("format", $"`{NdJson}` unless given.", $"expected {NdJson} or {Csv}") { Values = [NdJson, Csv] };

    private static readonly QueryParameter Include = new("include", $"`{Transcript}` for the transcripts as well.", $"expected {Transcript}") { Values = [Transcript] };

    private static readonly QueryParameter Bom = new(
        "bom", "`true` for a byte order mark before CSV, by which spreadsheets know UTF-8.", $"expected {True} or false")
    { Values = [True, "false"] };

    public static QueryParameter[] Parameters { get; } = [Format, Include, Bom, .. MeetingFilter.Parameters];

    public static IResult Get(string workspace_id, HttpRequest request, MeetingReader reader, NdJsonExport ndJson)
    {
        var query = new QueryReader(request);
        var isCsv = query.ReadText(Format, Format.Values!.Contains) == Csv;
        var withTranscript = query.ReadText(Include, Include.Values!.Contains) is not null;
        var withBom = query.ReadText(Bom, Bom.Values!.Contains) == True;
        var filter = MeetingFilter.Read(workspace_id, query);
        if (query.Problem is { } problem)
            return problem;

        var aborted = request.HttpContext.RequestAborted;
        var meetings = reader.ReadAllAsync(filter, withTranscript, request.HttpContext.User.Identity?.Name ?? "", aborted);
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"{workspace_id}-meetings.{(isCsv ? Csv : NdJson)}");
        request.HttpContext.Response.Headers.ContentDisposition = disposition.ToString();
        return isCsv
            ? TypedResults.Stream(body => CsvExport.WriteAsync(body, meetings, withTranscript, withBom, aborted), CsvExport.ContentType)
            : TypedResults.Stream(body => ndJson.WriteAsync(body, meetings, aborted), NdJsonExport.ContentType);
    }
}
