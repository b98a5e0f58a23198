using System.Text.Json;
using Spectre.Console;

namespace SeaMeet.Cli.Import;

/// <summary>Writes what became of recordings: to people or as JSON.</summary>
internal sealed class ResultOutput(bool json, bool single)
{
    private bool hasLeftSomething;

    public void Show(ImportResult result)
    {
        hasLeftSomething |= !result.IsSuccess && (result.MeetingId is not null || result.ExitCode == ExitCode.Uncertain);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(result, ResultJson.Readable.ImportResult));
        if (result.Message is { } message)
            Console.Error.WriteLine(Output.Printable($"{result.File}: {message}"));
        if (json || !result.IsSuccess)
            return;
        if (single && result.Analysis is { } analysis)
            ShowAnalysis(analysis);
        else
            Console.WriteLine(Output.Printable($"{result.File}: {result.Outcome}, meeting {result.MeetingId}, job {result.JobId}"));
    }

    public void End(int files, int failed, string journal)
    {
        if (!single)
            Console.Error.WriteLine($"{files - failed} of {files} recordings imported.");
        if (hasLeftSomething)
            Console.Error.WriteLine($"What was done is noted in {journal}.");
    }

    private static void ShowAnalysis(JsonElement analysis)
    {
        Output.Table(Output.People,
            ("Meeting", Text(analysis, "meeting_id")),
            ("Title", Text(analysis, "title")),
            ("Summary", Text(analysis, "summary")),
            ("Customer satisfaction", Text(analysis, "customer_satisfaction_rating") ?? "not rated"),
            ("Agent performance", Text(analysis, "agent_performance_rating") ?? "not rated"),
            ("Feedback", Text(analysis, "agent_performance_feedback")),
            ("Risk factor", Text(analysis, "risk_factor")),
            ("Revision", Text(analysis, "revision")),
            ("Received", Text(analysis, "received_at")));
        if (!analysis.TryGetProperty("transcript", out var transcript) || transcript.ValueKind != JsonValueKind.Array)
            return;
        var table = new Table().Border(TableBorder.Rounded).AddColumn("Speaker").AddColumn("Text");
        foreach (var segment in transcript.EnumerateArray().Where(segment => segment.ValueKind == JsonValueKind.Object))
            table.AddRow(new Text(Output.Printable(Text(segment, "speaker") ?? "")), new Text(Output.Printable(Text(segment, "text") ?? "")));
        Output.People.Write(table);
    }

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;
}
