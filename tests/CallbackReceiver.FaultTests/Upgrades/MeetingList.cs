using System.Net.Http.Headers;
using System.Text.Json;
using CallbackReceiver.FaultTests.Machinery;

namespace CallbackReceiver.FaultTests.Upgrades;

/// <summary>Asks a replica's query API as a dashboard does.</summary>
internal sealed class MeetingList(Uri replica, Workspace workspace) : IDisposable
{
    private const int PageLength = 200;

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false })
    {
        BaseAddress = replica,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", workspace.ApiKey) },
    };

    /// <summary>Every meeting that it lists: id and title.</summary>
    public Task<Dictionary<string, string?>> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync("", cancellationToken);

    /// <summary>The meetings that it finds for a phrase.</summary>
    public Task<Dictionary<string, string?>> FindAsync(string phrase, CancellationToken cancellationToken) =>
        ReadAsync($"&q={Uri.EscapeDataString($"\"{phrase}\"")}", cancellationToken);

    /// <summary>How many meetings an export has.</summary>
    public async Task<int> CountExportedAsync(CancellationToken cancellationToken)
    {
        await using var lines = await http.GetStreamAsync(new Uri($"/api/v1/workspaces/{workspace.Id}/export", UriKind.Relative), cancellationToken);
        using var reader = new StreamReader(lines);
        var count = 0;
        while (await reader.ReadLineAsync(cancellationToken) is not null)
            count++;
        return count;
    }

    public void Dispose() => http.Dispose();

    private async Task<Dictionary<string, string?>> ReadAsync(string filter, CancellationToken cancellationToken)
    {
        var meetings = new Dictionary<string, string?>(StringComparer.Ordinal);
        for (string? cursor = ""; cursor is not null;)
        {
            var path = $"/api/v1/workspaces/{workspace.Id}/meetings?limit={PageLength}{filter}{(cursor.Length > 0 ? "&cursor=" + Uri.EscapeDataString(cursor) : "")}";
            var page = JsonElement.Parse(await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellationToken));
            foreach (var item in page.GetProperty("items").EnumerateArray())
                meetings[item.GetProperty("meeting_id").GetString()!] = item.GetProperty("title").GetString();
            cursor = page.GetProperty("next_cursor").GetString();
        }

        return meetings;
    }
}
