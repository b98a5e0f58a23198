using System.Text.Json;
using System.Text.Unicode;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class CallbackParserProperties
{
    private const int Cases = 100_000;

    [Fact]
    public void Parser_never_throws_whatever_is_changed_in_a_sample() => RandomBodies.Mutations.Sample(AssertSound, iter: Cases);

    [Fact]
    public void Parser_never_throws_on_a_callback_of_any_content() => RandomBodies.Callbacks.Sample(AssertSound, iter: Cases / 10);

    [Fact]
    public void Parser_never_throws_on_any_JSON() => RandomBodies.JsonTexts.Select(System.Text.Encoding.UTF8.GetBytes).Sample(AssertSound, iter: Cases / 10);

    [Fact]
    public void Parser_never_throws_on_any_bytes() => RandomBodies.Bytes.Sample(AssertSound, iter: Cases / 10);

    [Fact]
    public void Parser_never_throws_on_the_beginning_of_a_sample()
    {
        foreach (var body in Sample.All.Select(sample => sample.Bytes).Where(body => body.Length < 4000))
        {
            for (var length = 0; length < body.Length; length++)
                Assert.IsType<ParsedCallback.Unfit>(CallbackParserTests.Parse(body[..length]));
        }
    }

    /// <summary>What an outcome promises to those who store and answer it.</summary>
    private static void AssertSound(byte[] body)
    {
        switch (CallbackParserTests.Parse(body))
        {
            case ParsedCallback.Analysed { Analysis: var analysis }:
                AssertIsJson(body);
                foreach (var text in new[] { analysis.MeetingId, analysis.Title, analysis.Summary, analysis.AgentPerformanceFeedback, analysis.RiskFactor }.Concat(analysis.Speakers))
                    AssertStorable(text);
                AssertStorable(analysis.Items, JsonValueKind.Object);
                AssertStorable(analysis.Metadata, JsonValueKind.Object);
                AssertStorable(analysis.Transcript, JsonValueKind.Array);
                AssertTrue(analysis.MeetingId.EnumerateRunes().Count() is >= 1 and <= 200);
                AssertTrue(analysis.CustomerSatisfactionRating is null or "A" or "B" or "C" or "D" or "E");
                break;
            case ParsedCallback.OtherEvent other:
                AssertIsJson(body);
                AssertStorable(other.EventName);
                AssertStorable(other.MeetingId);
                break;
            case ParsedCallback.Unfit unfit:
                AssertTrue(unfit.Errors.Count is >= 1 and <= 40);
                AssertTrue(unfit.Errors.All(error => error.Path.Length == 0 || error.Path[0] == '/'));
                AssertStorable(unfit.EventName);
                AssertStorable(unfit.MeetingId);
                break;
        }
    }

    private static void AssertIsJson(byte[] body)
    {
        using var whole = JsonDocument.Parse(NonFiniteNumbers.Mask(body));
        AssertTrue(whole.RootElement.ValueKind == JsonValueKind.Object);
    }

    private static void AssertStorable(ReadOnlyMemory<byte> json, JsonValueKind kind)
    {
        AssertTrue(Utf8.IsValid(json.Span));
        using var document = JsonDocument.Parse(json);
        AssertTrue(document.RootElement.ValueKind == kind);
        AssertStorable(document.RootElement);
    }

    private static void AssertStorable(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                AssertStorable(value.GetString());
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    AssertStorable(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    AssertStorable(member.Name);
                    AssertStorable(member.Value);
                }

                break;
        }
    }

    /// <summary>PostgreSQL's text holds neither U+0000 nor half a surrogate pair.</summary>
    private static void AssertStorable(string? text) => AssertTrue(text is null || (!text.Contains('\0', StringComparison.Ordinal) && text == ReplacementModel.Shown(text)));

    // The assertions of xunit cost too much for as many cases as these.
    private static void AssertTrue(bool condition)
    {
        if (!condition)
            Assert.Fail("The outcome does not keep its promise.");
    }
}
