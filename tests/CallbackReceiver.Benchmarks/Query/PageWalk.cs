using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CallbackReceiver.Benchmarks.Query;

/// <summary>A page of a list as it was read.</summary>
/// <param name="Elapsed">How long the answer took.</param>
/// <param name="Ids">Its meetings.</param>
internal sealed record WalkedPage(TimeSpan Elapsed, IReadOnlyList<string> Ids);

/// <summary>Reads a list from its first page to its last, each by the cursor of the one before.</summary>
internal static class PageWalk
{
    public const int LongestPage = 200;

    /// <exception cref="InvalidDataException">A meeting comes twice, or out of order.</exception>
    public static async IAsyncEnumerable<WalkedPage> RunAsync(
        ReaderClient reader, string path, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = string.Create(CultureInfo.InvariantCulture, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={limit}");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var isOldestFirst = path.Contains("sort=received_at", StringComparison.Ordinal);
        DateTimeOffset? before = null;
        string? cursor = null;
        do
        {
            var watch = Stopwatch.StartNew();
            var body = await reader.GetAsync(cursor is null ? first : $"{first}&cursor={Uri.EscapeDataString(cursor)}", cancellationToken);
            var elapsed = watch.Elapsed;
            using var page = JsonDocument.Parse(body);
            var ids = new List<string>();
            foreach (var meeting in page.RootElement.GetProperty("items").EnumerateArray())
            {
                var (id, receivedAt) = (meeting.GetProperty("meeting_id").GetString()!, meeting.GetProperty("received_at").GetDateTimeOffset());
                if (!seen.Add(id))
                    throw new InvalidDataException($"Meeting {id} comes twice.");
                if (isOldestFirst ? receivedAt < before : receivedAt > before)
                    throw new InvalidDataException($"Meeting {id} is out of order.");
                before = receivedAt;
                ids.Add(id);
            }

            yield return new WalkedPage(elapsed, ids);
            cursor = page.RootElement.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
    }
}
