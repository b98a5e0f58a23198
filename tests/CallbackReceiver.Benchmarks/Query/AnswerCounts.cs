using System.Text.Json;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>The ways of counting what the API finds.</summary>
internal static class AnswerCounts
{
    /// <summary>The meetings of a list, all of its pages.</summary>
    public static async Task<long> OfPagesAsync(ReaderClient reader, string path, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var page in PageWalk.RunAsync(reader, path, PageWalk.LongestPage, cancellationToken))
            count += page.Ids.Count;
        return count;
    }

    /// <summary>The segments of one meeting's transcript.</summary>
    public static async Task<long> OfSegmentsAsync(ReaderClient reader, string path, CancellationToken cancellationToken)
    {
        using var meeting = JsonDocument.Parse(await reader.GetAsync(path, cancellationToken));
        return meeting.RootElement.GetProperty("transcript").GetArrayLength();
    }

    /// <summary>The meetings of all workspaces.</summary>
    public static async Task<long> OfWorkspacesAsync(ReaderClient reader, string path, CancellationToken cancellationToken)
    {
        using var workspaces = JsonDocument.Parse(await reader.GetAsync(path, cancellationToken));
        return workspaces.RootElement.GetProperty("items").EnumerateArray().Sum(workspace => workspace.GetProperty("meetings").GetInt64());
    }

    /// <summary>The meetings of which statistics are told, which are also those of its intervals together.</summary>
    public static async Task<long> OfStatisticsAsync(ReaderClient reader, string path, CancellationToken cancellationToken)
    {
        using var statistics = JsonDocument.Parse(await reader.GetAsync(path, cancellationToken));
        var total = MeetingsOf(statistics.RootElement.TryGetProperty("totals", out var totals) ? totals : statistics.RootElement);
        var series = statistics.RootElement.GetProperty("series").EnumerateArray().Sum(MeetingsOf);
        return total == series ? total : throw new InvalidDataException($"The total is {total}, the intervals together have {series}.");
    }

    private static long MeetingsOf(JsonElement part) => part.GetProperty("meetings").GetInt64();
}
