using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;
using CsvHelper;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>All meetings of a filter as a file: what is in it, and what it costs.</summary>
public sealed class ExportTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Demo = "/api/v1/workspaces/demo";

    private const string CopyToOther = """
        INSERT INTO meetings
        SELECT copy.* FROM meetings m CROSS JOIN generate_series(1, $2) AS n CROSS JOIN LATERAL jsonb_populate_record(m, jsonb_build_object(
            'workspace_id', 'other', 'meeting_id', $1 || '-' || n, 'risk_factor', $1, 'received_at', m.received_at + n * interval '1 second',
            'summary', repeat(md5(n::text), $3))) AS copy
        WHERE m.workspace_id = 'demo' AND m.meeting_id = $1
        """;

    private ReceiverProcess Service => receiver.Service;

    [Fact]
    public async Task Lines_of_JSON_are_the_items_of_the_list_oldest_first()
    {
        await PostVariousAsync("lines");

        var file = await Service.GetAsync($"{Demo}/export?risk_factor=lines");

        var items = (await Service.GetAsync($"{Demo}/meetings?risk_factor=lines&sort=received_at&limit=200")).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.True(items.Count > 5);
        Assert.Equal(items.Select(item => item.GetRawText()), LinesOf(file).Select(line => line.GetRawText()));
        Assert.EndsWith("}\n", file.Body, StringComparison.Ordinal);
        Assert.Equal((200, "application/x-ndjson", "attachment; filename=demo-meetings.ndjson; filename*=UTF-8''demo-meetings.ndjson"), (file.Status, file.ContentType, file.Headers["Content-Disposition"]));
    }

    [Fact]
    public async Task Each_meeting_is_there_once_while_meetings_are_analysed_again()
    {
        var ids = Enumerable.Range(0, 3000).Select(n => $"again-{n}").ToList(); // more than is read at a time
        await Parallel.ForEachAsync(ids, async (id, _) => await PostAsync(id, "0"));
        using var stop = new CancellationTokenSource();
        var posting = Parallel.ForAsync(0, 3, async (_, _) =>
        {
            for (var times = 1; !stop.IsCancellationRequested; times++)
                await PostAsync(ids[Random.Shared.Next(ids.Count)], $"{times}");
        });

        for (var times = 0; times < 10; times++)
        {
            var file = await Service.GetAsync($"{Demo}/export?risk_factor=again");
            Assert.Equal(ids.Order(StringComparer.Ordinal), LinesOf(file).Select(line => line.GetProperty("meeting_id").GetString()!).Order(StringComparer.Ordinal));
        }

        await stop.CancelAsync();
        await posting;

        Task PostAsync(string id, string title) => Service.PostAsync("demo", new CallbackBuilder(id) { RiskFactor = "again", Title = title }.Build());
    }

    [Fact]
    public async Task Transcripts_are_there_where_they_are_asked_for_and_nowhere_else()
    {
        await PostVariousAsync("transcripts");

        foreach (var line in LinesOf(await Service.GetAsync($"{Demo}/export?risk_factor=transcripts&include=transcript")))
        {
            var meeting = (await Service.GetAsync($"{Demo}/meetings/{Uri.EscapeDataString(line.GetProperty("meeting_id").GetString()!)}")).Json;
            Assert.True(JsonElement.DeepEquals(meeting, line), line.GetRawText());
        }

        Assert.DoesNotContain("\"transcript\":", (await Service.GetAsync($"{Demo}/export?risk_factor=transcripts")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("transcript", CellsOf(await Service.GetAsync($"{Demo}/export?format=csv&risk_factor=transcripts"))[0]);
    }

    [Fact]
    public async Task CSV_read_by_a_library_has_the_values_of_the_list()
    {
        await PostVariousAsync("values");
        var lines = LinesOf(await Service.GetAsync($"{Demo}/export?risk_factor=values&include=transcript"));

        var file = await Service.GetAsync($"{Demo}/export?format=csv&risk_factor=values&include=transcript");

        var cells = CellsOf(file);
        Assert.Equal(
            ["agent_performance_feedback", "agent_performance_rating", "customer_satisfaction_rating", "delivery_id", "first_received_at", "items", "meeting_id", "metadata",
                "received_at", "revision", "risk_factor", "segments", "speakers", "summary", "title", "transcript", "workspace_id"],
            cells[0].Order(StringComparer.Ordinal));
        Assert.Equal(lines.Count, cells.Count - 1);
        foreach (var (line, row) in lines.Zip(cells.Skip(1)))
        {
            var values = cells[0].Zip(row).ToDictionary();
            foreach (var name in new List<string> { "workspace_id", "meeting_id", "title", "summary", "customer_satisfaction_rating", "agent_performance_rating", "agent_performance_feedback", "risk_factor", "delivery_id" })
                Assert.Equal(line.GetProperty(name).GetString() ?? "", values[name]);
            foreach (var name in new List<string> { "received_at", "first_received_at" })
                Assert.Equal(line.GetProperty(name).GetDateTimeOffset(), DateTimeOffset.Parse(values[name], CultureInfo.InvariantCulture));
            foreach (var name in new List<string> { "items", "metadata", "segments", "revision" })
                JsonAssert.Equal(values[name], line.GetProperty(name));
            Assert.Equal(string.Join("; ", line.GetProperty("speakers").EnumerateArray().Select(speaker => speaker.GetString())), values["speakers"]);
            var meeting = $"{Demo}/meetings/{Uri.EscapeDataString(values["meeting_id"])}/transcript";
            Assert.Equal((await Service.GetAsync(meeting, accept: "text/plain")).Body, values["transcript"]);
        }

        Assert.Equal((200, "text/csv", "attachment; filename=demo-meetings.csv; filename*=UTF-8''demo-meetings.csv"), (file.Status, file.ContentType, file.Headers["Content-Disposition"]));
        Assert.Equal("text/csv; charset=utf-8", file.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData("=1+1", true)]
    [InlineData("+886 2 1234", true)]
    [InlineData("-1", true)]
    [InlineData("@SUM(A1)", true)]
    [InlineData("\t=1", true)]
    [InlineData("\r=1", true)]
    [InlineData("\n=1", true)]
    [InlineData("\r\n=1", true)]
    [InlineData("＝1+1", true)]
    [InlineData("＋1", true)]
    [InlineData("－1", true)]
    [InlineData("＠x", true)]
    [InlineData("=cmd|'/C calc'!A1", true)]
    [InlineData("=1,2", true)]
    [InlineData("=\"a\"", true)]
    [InlineData("=1\n=2", true)]
    [InlineData("\"=1\"", null)] // a cell that begins with a quote is text: escaped or not
    [InlineData("\"=1\",x", null)]
    [InlineData("a\n=1", false)]
    [InlineData("a,=1", false)]
    [InlineData("a\"=1", false)]
    [InlineData("'=1", false)]
    [InlineData(" =1", false)]
    [InlineData("客戶=1", false)]
    public async Task No_cell_is_taken_for_a_formula_and_its_text_stays(string text, bool? isEscaped)
    {
        var risk = $"formula {Convert.ToHexString(Encoding.UTF8.GetBytes(text))}";
        await Service.PostAsync(Workspaces.Demo, new CallbackBuilder
        {
            RiskFactor = risk,
            Title = text,
            Summary = text,
            AgentPerformanceFeedback = text,
            Transcript = new object[] { CallbackBuilder.Segment(text, null), CallbackBuilder.Segment("said", text) },
        }.Build());

        var file = await Service.GetAsync($"{Demo}/export?format=csv&include=transcript&risk_factor={risk}");

        var cells = CellsOf(file);
        Assert.Equal(2, cells.Count);
        Assert.All(cells[1], cell => Assert.DoesNotContain(cell.FirstOrDefault(), "=+-@\t\r\n＝＋－＠"));
        foreach (var column in new List<string> { "title", "summary", "agent_performance_feedback", "speakers", "transcript" })
        {
            var cell = cells[1][cells[0].IndexOf(column)];
            var whole = column == "transcript" ? $"{text}\n{text}: said\n" : text;
            string[] good = isEscaped switch
            {
                true => ["'" + whole],
                false => [whole],
                null => [whole, "'" + whole, whole.Insert(1, "'")],
            };
            Assert.Contains(cell, good);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_there_where_it_is_asked_for()
    {
        await PostVariousAsync("marked");

        Assert.Equal("EFBBBF776F726B", Convert.ToHexString((await Service.GetAsync($"{Demo}/export?format=csv&bom=true&risk_factor=marked")).Bytes[..7]));
        Assert.Equal("776F726B", Convert.ToHexString((await Service.GetAsync($"{Demo}/export?format=csv&risk_factor=marked")).Bytes[..4]));
        Assert.Equal("776F726B", Convert.ToHexString((await Service.GetAsync($"{Demo}/export?format=csv&bom=false&risk_factor=marked")).Bytes[..4]));
        Assert.Equal("EFBBBF776F726B", Convert.ToHexString((await Service.GetAsync($"{Demo}/export?format=csv&bom=true&risk_factor=nothing")).Bytes[..7]));
    }

    [Fact]
    public async Task Nothing_found_is_an_empty_file_and_CSV_with_its_head()
    {
        var lines = await Service.GetAsync($"{Demo}/export?risk_factor=nothing");
        Assert.Equal((200, "", "application/x-ndjson"), (lines.Status, lines.Body, lines.ContentType));

        var csv = await Service.GetAsync($"{Demo}/export?format=csv&risk_factor=nothing");
        Assert.Equal((200, 1), (csv.Status, CellsOf(csv).Count));
    }

    [Theory]
    [InlineData("客戶")]
    [InlineData("a \"b\" ; c\\d")]
    [InlineData("line\nbreak\r\n\tX-Injected: 1")]
    [InlineData("😀'%22")]
    public async Task The_file_is_named_after_the_workspace_whatever_it_is_called(string workspaceId)
    {
        await receiver.QueryAsync(
            "INSERT INTO deliveries (workspace_id, delivery_id, body_sha256, outcome, key_id, received_at, duplicates) VALUES ($1, gen_random_uuid(), '\\x00', 'ignored', 'k', now(), 0) ON CONFLICT DO NOTHING",
            workspaceId);

        var file = await Service.GetAsync($"/api/v1/workspaces/{Uri.EscapeDataString(workspaceId)}/export?format=csv");

        Assert.True(file.Status == 200, file.ToString());
        Assert.DoesNotContain("X-Injected", file.Headers.Keys);
        var disposition = ContentDispositionHeaderValue.Parse(file.Headers["Content-Disposition"]);
        Assert.Equal(("attachment", $"{workspaceId}-meetings.csv"), (disposition.DispositionType, disposition.FileNameStar));
        Assert.All(disposition.FileName!, character => Assert.InRange(character, ' ', '~'));
    }

    [Theory]
    [InlineData("format=xlsx", "format")]
    [InlineData("format=CSV", "format")]
    [InlineData("format=", "format")]
    [InlineData("format=csv&format=csv", "format")]
    [InlineData("include=items", "include")]
    [InlineData("bom=1", "bom")]
    [InlineData("sort=received_at", "sort")]
    [InlineData("limit=5", "limit")]
    [InlineData("received_from=2026-01-31", "received_from")]
    public async Task A_wrong_parameter_answers_400_its_name_and_no_file(string query, string parameter)
    {
        var answer = await Service.GetAsync($"{Demo}/export?{query}");

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.ContentType));
        Assert.Equal(parameter, Assert.Single(answer.Json.GetProperty("errors").EnumerateArray()).GetProperty("parameter").GetString());
        Assert.DoesNotContain("Content-Disposition", answer.Headers.Keys);
    }

    [Fact]
    public async Task A_large_file_is_streamed_whole_in_little_memory()
    {
        const int Meetings = 40_000;
        const long MaxGrowth = 64 * 1024 * 1024;
        await Service.PostAsync(Workspaces.Demo, new CallbackBuilder("large").Build());
        await receiver.QueryAsync(CopyToOther, "large", Meetings, 200);
        await receiver.QueryAsync("ANALYZE meetings");

        foreach (var format in new List<string> { "ndjson", "csv" })
        {
            await ReadLinesAsync($"received_to=2000-01-01T00:00:00Z&format={format}", _ => { });
            using var process = Process.GetProcessById(Service.Id);
            var before = process.WorkingSet64;
            var most = before;
            var (lines, bytes) = await ReadLinesAsync($"risk_factor=large&format={format}", number =>
            {
                if (number % 1000 != 0)
                    return;
                process.Refresh();
                most = Math.Max(most, process.WorkingSet64);
            });

            Assert.Equal(format == "csv" ? Meetings + 1 : Meetings, lines);
            Assert.True(bytes > 3 * MaxGrowth, $"only {bytes} bytes were read");
            Assert.True(most - before < MaxGrowth, $"{format}: the service has grown from {before} to {most} bytes");
        }
    }

    [Fact]
    public async Task A_reader_that_goes_away_leaves_no_statement_running()
    {
        const string Running = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'callback-receiver' AND state <> 'idle' AND query LIKE '%octet_length(m.summary)%'
            """;
        await Service.PostAsync(Workspaces.Demo, new CallbackBuilder("abandoned").Build());
        await receiver.QueryAsync(CopyToOther, "abandoned", 1500, 6000);

        var readers = new List<System.Net.Sockets.TcpClient>();
        for (var number = 0; number < 20; number++)
        {
            var client = await RawHttp.ConnectAsync(Service.Address);
            readers.Add(client);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"GET /api/v1/workspaces/other/export?received_from=2000-01-01T00:00:00Z&risk_factor=abandoned HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Keys.ApiAll}\r\n\r\n"),
                TestContext.Current.CancellationToken);
            Assert.True(await client.GetStream().ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0);
        }

        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(Running) == readers.Count, "every reader has a statement that waits for it");
        readers.ForEach(reader => reader.Dispose());

        await Eventually.HoldsAsync(async () => await receiver.ScalarAsync<long>(Running) == 0, "no statement runs for nobody");
        Assert.Equal(200, (await Service.GetAsync($"{Demo}/export?risk_factor=nothing")).Status);
        Assert.DoesNotContain(" ERR]", Service.Log, StringComparison.Ordinal);
    }

    private static List<JsonElement> LinesOf(Answer file) => [.. file.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private static List<List<string>> CellsOf(Answer file)
    {
        Assert.True(file.Status == 200, file.ToString());
        using var parser = new CsvParser(new StringReader(file.Body), CultureInfo.InvariantCulture);
        var rows = new List<List<string>>();
        while (parser.Read())
            rows.Add([.. parser.Record!]);
        return rows;
    }

    private async Task<(int Lines, long Bytes)> ReadLinesAsync(string query, Action<int> read)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/workspaces/other/export?{query}") { Headers = { Authorization = new("Bearer", Keys.ApiAll) } };
        using var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var (lines, bytes) = (0, 0L);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            bytes += line.Length;
            read(++lines);
        }

        return (lines, bytes);
    }

    /// <summary>Posts calls with what files stumble over.</summary>
    private async Task PostVariousAsync(string risk)
    {
        CallbackBuilder[] calls =
        [
            new() { Title = null, Summary = null, AgentPerformanceFeedback = null, CustomerSatisfactionRating = null, AgentPerformanceRating = null, Transcript = Array.Empty<object>() },
            new() { Title = "客戶需要補件，文件明天上傳。😀" },
            new() { Title = "a,b;c\td", Summary = "line 1\nline 2\r\nline 3\n", AgentPerformanceFeedback = "he said \"yes\", \"\"twice\"\"" },
            new() { Title = "", Summary = " spaces around ", Items = [new("upsell", "High, \"very\""), new("count", 5)] },
            new($"補件/😀 \"{risk}\"") { Transcript = new object[] { CallbackBuilder.Segment("您好,\n請說", "客服; 王"), CallbackBuilder.Segment(null, null) } },
            new() { Metadata = [new("callback_metadata", "</script>&'")], EnsureAscii = false },
            new() { Title = "\u2028\u0085 and \\u0041 \ufeff" },
        ];
        foreach (var call in calls)
            Assert.Equal(200, (await Service.PostAsync(Workspaces.Demo, (call with { RiskFactor = risk }).Build())).Status);
    }
}
