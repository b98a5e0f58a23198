using System.Text;
using System.Text.Json;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class CallbackParserTests
{
    private const string Event = "\"event_name\": \"dashboard_analysis_finished\"";

    public static TheoryData<string, string, string> Misfits => new()
    {
        { "", "", "not JSON from byte 0 on" },
        { " ", "", "not JSON" },
        { "null", "", "a callback is a JSON object" },
        { "[]", "", "a callback is a JSON object" },
        { "[[{}]]", "", "a callback is a JSON object" },
        { "\"text\"", "", "a callback is a JSON object" },
        { "17", "", "a callback is a JSON object" },
        { "{}", "/event_name", "missing" },
        { "{", "", "not JSON from byte 1 on" },
        { "{'event_name': 'x'}", "", "not JSON" },
        { "\uFEFF{}", "", "not JSON from byte 0 on" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{}}}} x", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{}}}}{{}}", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{}},}}", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{\"nps\": 01}}}}", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{\"title\": \"a\nb\"}}}}", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{\"title\": \"\\u12\"}}}}", "", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{\"title\": \"\\ud83d\\u\"}}}}", "", "not JSON" },
        { $"{{{Event}, /* comment */ \"meeting_id\": \"m\", \"payload\": {{}}}}", "", "not JSON" },
        { "{\"event_name\": 5, \"meeting_id\": \"m\", \"payload\": {}}", "/event_name", "expected a string or null" },
        { "{\"event\": [], \"meeting_id\": \"m\", \"payload\": {}}", "/event", "expected a string or null" },
        { "{\"event_name\": \"\", \"meeting_id\": \"m\", \"payload\": {}}", "/event_name", "expected 1 to 200 characters" },
        { "{\"event_name\": null, \"meeting_id\": \"m\", \"payload\": {}}", "/event_name", "missing" },
        { $"{{{Event}, \"workspace_id\": 5, \"meeting_id\": \"m\", \"payload\": {{}}}}", "/workspace_id", "expected a string or null" },
        { $"{{{Event}, \"meeting_id\": 5, \"payload\": {{}}}}", "/meeting_id", "expected a string or null" },
        { $"{{{Event}, \"meeting_id\": \"\", \"payload\": {{}}}}", "/meeting_id", "expected 1 to 200 characters" },
        { $"{{{Event}, \"meeting_id\": \"{new string('m', 201)}\", \"payload\": {{}}}}", "/meeting_id", "expected 1 to 200 characters" },
        { $"{{{Event}, \"payload\": {{}}}}", "/meeting_id", "missing, here and in the payload" },
        { $"{{{Event}, \"meeting_id\": null, \"payload\": {{\"meeting_id\": null}}}}", "/meeting_id", "missing, here and in the payload" },
        { $"{{{Event}, \"payload\": {{\"meeting_id\": {{}}}}}}", "/payload/meeting_id", "expected a string or null" },
        { $"{{{Event}, \"meeting_id\": \"m\"}}", "/payload", "missing" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": null}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": [{{}}]}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"\"}}", "/payload", "not JSON from byte 0 on" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"[]\"}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"null\"}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"\\\"{{}}\\\"\"}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"{{\\\"title\\\": \\\"t\\\",}}\"}}", "/payload", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"{{}} x\"}}", "/payload", "not JSON" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"{{\\\"title\\\": \\\"a\\u0000\\\", \"}}", "/payload", "not JSON" },
        { InPayload("\"customer_satisfaction_rating\": \"F\""), "/payload/customer_satisfaction_rating", "a rating is" },
        { InPayload("\"customer_satisfaction_rating\": \"a\""), "/payload/customer_satisfaction_rating", "a rating is" },
        { InPayload("\"customer_satisfaction_rating\": \"AA\""), "/payload/customer_satisfaction_rating", "a rating is" },
        { InPayload("\"customer_satisfaction_rating\": \"\""), "/payload/customer_satisfaction_rating", "a rating is" },
        { InPayload("\"agent_performance_rating\": 1"), "/payload/agent_performance_rating", "a rating is" },
        { InPayload("\"agent_performance_rating\": {\"A\": \"A\"}"), "/payload/agent_performance_rating", "a rating is" },
        { InPayload("\"title\": 5"), "/payload/title", "expected a string or null" },
        { InPayload("\"summary\": []"), "/payload/summary", "expected a string or null" },
        { InPayload("\"agent_performance_feedback\": {}"), "/payload/agent_performance_feedback", "expected a string or null" },
        { InPayload("\"risk_factor\": true"), "/payload/risk_factor", "expected a string or null" },
        { InPayload("\"transcript\": \"text\""), "/payload/transcript", "a transcript is a list" },
        { InPayload("\"transcript\": {\"text\": \"t\"}"), "/payload/transcript", "a transcript is a list" },
        { InPayload("\"transcript\": [{}, \"text\"]"), "/payload/transcript/1", "a transcript's segment is an object" },
        { InPayload("\"transcript\": [null]"), "/payload/transcript/0", "a transcript's segment is an object" },
        { InPayload("\"transcript\": [[{}], {}]"), "/payload/transcript/0", "a transcript's segment is an object" },
        { InPayload("\"transcript\": [{}, {}, {\"text\": 5}]"), "/payload/transcript/2/text", "expected a string or null" },
        { InPayload("\"transcript\": [{\"speaker\": {\"name\": \"x\"}}]"), "/payload/transcript/0/speaker", "expected a string or null" },
        { InPayload("\"nps\": NaNx"), "", "not JSON" },
        { InPayload("\"nps\": -Inf"), "", "not JSON" },
        { InPayload("\"nps\": +Infinity"), "", "not JSON" },
        { InPayload("\"nps\": --Infinity"), "", "not JSON" },
        { InPayload("\"nps\": -NaN"), "", "not JSON" },
        { InPayload("\"nps\": nan"), "", "not JSON" },
        { InPayload("NaN: 1"), "", "not JSON" },
        { InPayload("\"nps\": 1, NaN : 1"), "", "not JSON" },
        { InPayload("\"nps\": 1 NaN"), "", "not JSON" },
        { InPayload("\"nps\": [NaN NaN]"), "", "not JSON" },
        { "NaN", "", "not JSON" },
        { InPayload("\"customer_satisfaction_rating\": NaN"), "/payload/customer_satisfaction_rating", "a rating is" },
        { InPayload("\"title\": NaN"), "/payload/title", "expected a string or null" },
        { InPayload("\"risk_factor\": -Infinity"), "/payload/risk_factor", "expected a string or null" },
        { InPayload("\"transcript\": Infinity"), "/payload/transcript", "a transcript is a list" },
        { InPayload("\"transcript\": [NaN]"), "/payload/transcript/0", "a transcript's segment is an object" },
        { InPayload("\"transcript\": [{\"text\": NaN}]"), "/payload/transcript/0/text", "expected a string or null" },
        { $"{{{Event}, \"meeting_id\": NaN, \"payload\": {{}}}}", "/meeting_id", "expected a string or null" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": NaN}}", "/payload", "a payload is an object" },
        { $"{{{Event}, \"meeting_id\": \"m\", \"payload\": \"NaN\"}}", "/payload", "not JSON" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Body_that_does_not_fit_names_the_place_and_the_reason(string body, string path, string reason)
    {
        var unfit = Assert.IsType<ParsedCallback.Unfit>(Parse(body));
        var error = Assert.Single(unfit.Errors);
        Assert.Equal(path, error.Path);
        Assert.StartsWith(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_that_is_not_UTF8_does_not_fit()
    {
        var unfit = Assert.IsType<ParsedCallback.Unfit>(Parse([.. Encoding.UTF8.GetBytes(InPayload("\"title\": \"")[..^2]), 0xC3, .. "\"}}"u8]));
        Assert.Equal(new SchemaError("", "not JSON: the body is not UTF-8"), Assert.Single(unfit.Errors));
    }

    [Fact]
    public void Every_error_is_named_up_to_a_readable_number()
    {
        var unfit = Assert.IsType<ParsedCallback.Unfit>(Parse(InPayload("\"title\": 1, \"summary\": 2, \"customer_satisfaction_rating\": 3")));
        Assert.Equal(["/payload/title", "/payload/summary", "/payload/customer_satisfaction_rating"], unfit.Errors.Select(error => error.Path));
        var many = Assert.IsType<ParsedCallback.Unfit>(Parse(InPayload($"\"transcript\": [{string.Join(", ", Enumerable.Repeat("1", 1000))}]")));
        Assert.Equal(20, many.Errors.Count);
    }

    [Fact]
    public void Reason_quotes_nothing_of_the_body()
    {
        var unfit = Assert.IsType<ParsedCallback.Unfit>(Parse(InPayload("\"customer_satisfaction_rating\": \"canary\", \"title\": {\"canary\": 1}, \"transcript\": [\"canary\"]")));
        Assert.DoesNotContain(unfit.Errors, error => (error.Path + error.Reason).Contains("canary", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(62, true)]
    [InlineData(63, false)]
    [InlineData(100_000, false)]
    public void Body_may_be_nested_64_levels_deep(int listsInPayload, bool fits)
    {
        var parsed = Parse(InPayload($"\"deep\": {new string('[', listsInPayload)}{new string(']', listsInPayload)}"));
        if (fits)
            Assert.IsType<ParsedCallback.Analysed>(parsed);
        else
            Assert.Equal([new SchemaError("", "nested deeper than 64 levels")], Assert.IsType<ParsedCallback.Unfit>(parsed).Errors);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Payload_in_a_string_may_be_nested_64_levels_deep(int lists, bool fits)
    {
        var deep = new RawJson(new string('[', lists) + new string(']', lists));
        var parsed = Parse(new CallbackBuilder { Items = [new("deep", deep)], PayloadAsString = true }.Build());
        if (fits)
            Assert.IsType<ParsedCallback.Analysed>(parsed);
        else
            Assert.Equal([new SchemaError("/payload", "nested deeper than 64 levels")], Assert.IsType<ParsedCallback.Unfit>(parsed).Errors);
    }

    [Theory]
    [InlineData("-0")]
    [InlineData("1E+2")]
    [InlineData("1e400")]
    [InlineData("-1.5e-400")]
    [InlineData("0.1000")]
    [InlineData("1e4300")]
    [InlineData("1e99999999999999999999")]
    [InlineData("-1E-5000")]
    public void Number_is_passed_on_as_it_is_written(string number) =>
        Assert.Equal($"{{\"nps\": {number}}}", Text(Assert.IsType<ParsedCallback.Analysed>(Parse(InPayload($"\"nps\": {number}"))).Analysis.Items));

    [Theory]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("[NaN,Infinity , -Infinity]", "[\"NaN\",\"Infinity\" , \"-Infinity\"]")]
    [InlineData("{\"NaN\": {\"Infinity\": \n-Infinity\n}}", "{\"NaN\": {\"Infinity\": \n\"-Infinity\"\n}}")]
    [InlineData("[\"NaN\", \"a, NaN, b\", \"\\\", NaN, \\\"\", NaN]", "[\"NaN\", \"a, NaN, b\", \"\\\", NaN, \\\"\", \"NaN\"]")]
    public void Number_that_is_not_finite_is_kept_as_a_string(string sent, string kept)
    {
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(
            $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{\"nps\": {sent}, \"transcript\": [{{\"text\": \"NaN\", \"at\": {sent}}}]}}, \"extra\": {sent}}}")).Analysis;
        Assert.Equal(($"{{\"nps\": {kept}}}", $"{{\"extra\": {kept}}}"), (Text(analysed.Items), Text(analysed.Metadata)));
        Assert.Equal($"[{{\"text\": \"NaN\", \"at\": {kept}}}]", Text(analysed.Transcript));

        var inString = Assert.IsType<ParsedCallback.Analysed>(Parse(new CallbackBuilder { Items = [new("nps", new RawJson(sent))], PayloadAsString = true }.Build())).Analysis;
        Assert.Equal($"{{\"nps\": {kept}}}", Text(inString.Items));
    }

    [Fact]
    public void Place_of_what_is_not_JSON_is_right_behind_numbers_that_are_not_finite()
    {
        var body = InPayload("\"nps\": [NaN, NaN, Infinity], x");
        var error = Assert.Single(Assert.IsType<ParsedCallback.Unfit>(Parse(body)).Errors);
        Assert.Equal(new SchemaError("", $"not JSON from byte {body.IndexOf('x', StringComparison.Ordinal)} on"), error);
    }

    [Fact]
    public void Member_that_comes_twice_counts_as_it_comes_last()
    {
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(
            "{\"event_name\": \"other\", " + Event + ", \"workspace_id\": \"other\", \"workspace_id\": \"demo\", \"meeting_id\": \"first\", \"meeting_id\": \"last\", " +
            "\"payload\": {\"title\": \"in the first payload\", \"first\": 1}, \"payload\": {\"title\": \"first\", \"title\": \"last\", \"transcript\": [{\"speaker\": \"first\"}], \"transcript\": [{}, {\"speaker\": \"last\"}]}}")).Analysis;
        Assert.Equal("last", analysed.MeetingId);
        Assert.Equal("last", analysed.Title);
        Assert.Equal(2, analysed.Segments);
        Assert.Equal(["last"], analysed.Speakers);
        Assert.Equal("{}", Text(analysed.Items));
    }

    [Fact]
    public void Workspace_that_comes_last_counts() => Assert.IsType<ParsedCallback.OtherWorkspace>(
        Parse($"{{{Event}, \"workspace_id\": \"demo\", \"meeting_id\": \"m\", \"payload\": {{}}, \"workspace_id\": \"other\"}}"));

    [Theory]
    [InlineData("\"Demo\"")]
    [InlineData("\"demo \"")]
    [InlineData("\"\"")]
    [InlineData("\"demo\\u0000\"")]
    public void Workspace_is_compared_to_the_letter(string workspace) =>
        Assert.IsType<ParsedCallback.OtherWorkspace>(Parse($"{{{Event}, \"workspace_id\": {workspace}, \"meeting_id\": \"m\", \"payload\": {{}}}}"));

    [Theory]
    [InlineData("\"\\u0064emo\"")]
    [InlineData("null")]
    public void Workspace_may_be_escaped_or_null(string workspace) =>
        Assert.IsType<ParsedCallback.Analysed>(Parse($"{{{Event}, \"workspace_id\": {workspace}, \"meeting_id\": \"m\", \"payload\": {{}}}}"));

    [Fact]
    public void Names_may_be_escaped()
    {
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(
            "{\"\\u0065vent\": \"dashboard_\\u0061nalysis_finished\", \"payl\\u006fad\": {\"meeting\\u005fid\": \"m\", \"t\\u0069tle\": \"t\", \"tr\\u0061nscript\": [{\"t\\u0065xt\": \"x\", \"sp\\u0065aker\": \"s\"}]}}")).Analysis;
        Assert.Equal(("m", "t", "{}"), (analysed.MeetingId, analysed.Title, Text(analysed.Items)));
        Assert.Equal(["s"], analysed.Speakers);
    }

    [Fact]
    public void Documented_name_of_the_event_counts_before_the_captured_one()
    {
        Assert.IsType<ParsedCallback.Analysed>(Parse($"{{\"event\": \"other\", {Event}, \"meeting_id\": \"m\", \"payload\": {{}}}}"));
        Assert.Equal("other", Assert.IsType<ParsedCallback.OtherEvent>(Parse("{\"event_name\": \"other\", \"event\": \"dashboard_analysis_finished\"}")).EventName);
    }

    [Theory]
    [InlineData("\"payload\": 5")]
    [InlineData("\"payload\": \"not JSON\"")]
    [InlineData("\"payload\": {\"customer_satisfaction_rating\": \"Z\"}")]
    [InlineData("\"meeting_id\": {\"id\": 5}")]
    public void What_another_event_carries_is_not_looked_at(string members) =>
        Assert.Equal("meeting_deleted", Assert.IsType<ParsedCallback.OtherEvent>(Parse($"{{\"event_name\": \"meeting_deleted\", {members}}}")).EventName);

    [Fact]
    public void Emoji_and_other_pairs_are_untouched_beside_lone_halves()
    {
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(InPayload(
            """ "title": "\ud83d\ude00 \ud83d\ud83d\ude00 \ude00\ud83d \\ud83d \u0000\\u0000", "\ud83d": "\udfff", "😀": "\ud83d\ude00" """))).Analysis;
        Assert.Equal("😀 \uFFFD😀 \uFFFD\uFFFD \\ud83d \uFFFD\\u0000", analysed.Title);
        using var items = JsonDocument.Parse(analysed.Items);
        Assert.Equal("\uFFFD", items.RootElement.GetProperty("\uFFFD").GetString());
        Assert.Equal("😀", items.RootElement.GetProperty("😀").GetString());
    }

    [Fact]
    public void Payload_in_a_string_is_repaired_at_both_depths()
    {
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(
            $$"""{{{Event}}, "payload": "{\"meeting_id\": \"m\", \"title\": \"\\u0000 \u0000 \\ud83d \ud83d \\ud83d\\ude00 \ud83d\ude00\"}"}""")).Analysis;
        Assert.Equal("\uFFFD \uFFFD \uFFFD \uFFFD 😀 😀", analysed.Title);
    }

    [Fact]
    public void Speakers_are_distinct_and_in_order_of_appearance()
    {
        var names = Enumerable.Range(0, 40).Select(i => $"speaker {i * 7 % 11}").ToArray();
        var analysed = Assert.IsType<ParsedCallback.Analysed>(Parse(new CallbackBuilder { Transcript = names.Select(name => (object)CallbackBuilder.Segment("text", name)).ToArray() }.Build())).Analysis;
        Assert.Equal(names.Distinct(), analysed.Speakers);
        Assert.Equal(40, analysed.Segments);
    }

    internal static ParsedCallback Parse(byte[] body) => CallbackParser.Parse(VerifiedBody.Restore(Workspaces.Demo, "00000000", body));

    private static ParsedCallback Parse(string body) => Parse(Encoding.UTF8.GetBytes(body));

    private static string InPayload(string members) => $"{{{Event}, \"meeting_id\": \"m\", \"payload\": {{{members}}}}}";

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
