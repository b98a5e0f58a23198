using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace CallbackReceiver.Meetings.Exporting;

/// <summary>
/// Writes a meeting a line of CSV (RFC 4180), for spreadsheets: what would be a formula there has an apostrophe before it, which makes it text.
/// </summary>
internal static class CsvExport
{
    public const string ContentType = "text/csv; charset=utf-8";

    private static readonly CsvConfiguration Configuration = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = cell => ConfigurationFunctions.ShouldQuote(cell) || cell.Field.AsSpan().ContainsAny('\r', '\n'), // by itself it would see only "\r\n" as a line's end
        InjectionOptions = InjectionOptions.Escape,
        InjectionCharacters = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'], // in full width too, as East Asian spreadsheets take them
        InjectionEscapeCharacter = '\'',
    };

    private static readonly (string Name, Func<MeetingView, string?> Value)[] Columns =
    [
        ("workspace_id", meeting => meeting.WorkspaceId),
        ("meeting_id", meeting => meeting.MeetingId),
        ("received_at", meeting => TimeOf(meeting.ReceivedAt)),
        ("first_received_at", meeting => TimeOf(meeting.FirstReceivedAt)),
        ("title", meeting => meeting.Title),
        ("summary", meeting => meeting.Summary),
        ("customer_satisfaction_rating", meeting => meeting.CustomerSatisfactionRating),
        ("agent_performance_rating", meeting => meeting.AgentPerformanceRating),
        ("agent_performance_feedback", meeting => meeting.AgentPerformanceFeedback),
        ("risk_factor", meeting => meeting.RiskFactor),
        ("items", meeting => meeting.Omits("items") ? null : meeting.Items.ToString()),
        ("metadata", meeting => meeting.Omits("metadata") ? null : meeting.Metadata.ToString()),
        ("speakers", meeting => string.Join("; ", meeting.Speakers)),
        ("segments", meeting => meeting.Segments.ToString(CultureInfo.InvariantCulture)),
        ("revision", meeting => meeting.Revision.ToString(CultureInfo.InvariantCulture)),
        ("delivery_id", meeting => meeting.DeliveryId.ToString()),
    ];

    public static async Task WriteAsync(
        Stream body, IAsyncEnumerable<MeetingView> meetings, bool withTranscript, bool withBom, CancellationToken cancellationToken)
    {
        // The first meeting is read before anything is written: a failure until then is answered with a status of its own.
        await using var rows = meetings.GetAsyncEnumerator(cancellationToken);
        var isThere = await rows.MoveNextAsync();
        await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: withBom), bufferSize: 32 * 1024, leaveOpen: true);
        await using var csv = new CsvWriter(text, Configuration, leaveOpen: true);
        foreach (var (name, _) in Columns)
            csv.WriteField(name);
        if (withTranscript)
            csv.WriteField("transcript");
        await csv.NextRecordAsync();

        for (; isThere; isThere = await rows.MoveNextAsync())
        {
            foreach (var (_, value) in Columns)
                csv.WriteField(value(rows.Current));
            if (withTranscript)
                csv.WriteField(TranscriptText.Of(rows.Current.Transcript!.Value));
            await csv.NextRecordAsync();
        }
    }

    private static string TimeOf(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
