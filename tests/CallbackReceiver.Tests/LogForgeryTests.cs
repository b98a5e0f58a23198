using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CallbackReceiver.Operations.Logging;
using CallbackReceiver.Tests.Infrastructure;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;

namespace CallbackReceiver.Tests;

/// <summary>Whatever a client can choose stays within the line that tells of it, and commands no terminal.</summary>
public sealed partial class LogForgeryTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Forged = "[00:00:00 INF] forged";

    /// <summary>Line ends of all kinds, a terminal's commands (C0 and C1), marks of direction, what is invisible, characters of two code units, halves of one.</summary>
    private static readonly string[] Unprintable =
        ["\n", "\r", "\r\n", "\t", "\u001b[2J", "\u001b]0;title\u0007", "\b", "\u007f", "\u0085", "\u009b31m", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\U000e0041", "\ud83d", "\udc00"];

    private static readonly string Hostile = string.Join("a", Unprintable) + "\n" + Forged;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_path_forges_no_line_and_hides_none(bool inContainer)
    {
        await using var process = await ReceiverProcess.StartAsync(new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = database.ConnectionString,
            ["Spool:MaxBytes"] = "0",
            ["DOTNET_RUNNING_IN_CONTAINER"] = inContainer ? "true" : "false",
        });
        foreach (var hostile in Unprintable.Where(text => text is not ("\ud83d" or "\udc00")))
            await process.GetAsync($"/mark{Uri.EscapeDataString($"{hostile}{Forged}")}/end");
        await process.PostAsync($"mark\n{Forged}", "{}"u8.ToArray());

        await Eventually.HoldsAsync(() => Task.FromResult(Regex.Count(process.Log, "mark") >= Unprintable.Length - 1), "each request has left its line");
        Assert.All(process.Log.Split('\n'), line => AssertPrintable(line, inContainer));
        if (inContainer)
            Assert.Contains(process.Log.Split('\n'), line => JsonElement.Parse(line).GetProperty("@m").GetString()!.Contains($"/mark\u202e{Forged}", StringComparison.Ordinal)); // what was sent can be found
        else
            Assert.Contains($"/mark\\u202E{Forged}", process.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_text_of_an_event_is_printable_in_the_console_and_in_JSON()
    {
        var written = new StringWriter();
        using var sink = new PrintableSink(new Written(written));
        var json = new StringWriter();

        foreach (var entry in Events())
        {
            sink.Emit(entry);
            new PrintableJsonFormatter().Format(entry, json);
        }

        Assert.All(Lines(written), line => AssertPrintable(line, isJson: false));
        Assert.Equal(Events().Count(), Lines(written).Count(line => line.StartsWith('[')));
        Assert.All(Lines(json), line => AssertPrintable(line, isJson: true));
        Assert.Equal(Events().Count(), Lines(json).Length);
        Assert.Contains(Lines(json), line => JsonElement.Parse(line).TryGetProperty("Text", out var text) && text.GetString() == Hostile.Replace("\ud83da", "\ufffda", StringComparison.Ordinal).Replace("\udc00", "\ufffd", StringComparison.Ordinal));
    }

    /// <summary>An event for each place in which a text can be.</summary>
    private static IEnumerable<LogEvent> Events()
    {
        var scalar = new ScalarValue(Hostile);
        yield return Event(("Text", scalar));
        yield return Event(("Number", new ScalarValue(5.5)), ("Character", new ScalarValue('\n')), ("Object", new ScalarValue(new Named())), ("Nothing", new ScalarValue(null)));
        yield return Event(("List", new SequenceValue([scalar, new SequenceValue([scalar])])));
        yield return Event(("Structure", new StructureValue([new LogEventProperty("Member", scalar)], Hostile)));
        yield return Event(("Dictionary", new DictionaryValue([KeyValuePair.Create(scalar, (LogEventPropertyValue)scalar)])));
        yield return new LogEvent(DateTimeOffset.UtcNow, LogEventLevel.Error, null, new MessageTemplate(Hostile, [new TextToken(Hostile)]), []);
        yield return Event(Thrown(new InvalidOperationException(Hostile, new AggregateException(Hostile, new ArgumentException(Hostile), new FormatException(Forged)))));
        yield return Event(Thrown(new Talkative()));
    }

    private static LogEvent Event(params (string Name, LogEventPropertyValue Value)[] properties) => new(
        DateTimeOffset.UtcNow, LogEventLevel.Information, null,
        new MessageTemplateParser().Parse("Said " + string.Join(' ', properties.Select(property => $"{{{property.Name}}}"))),
        properties.Select(property => new LogEventProperty(property.Name, property.Value)));

    private static LogEvent Event(Exception exception) => new(DateTimeOffset.UtcNow, LogEventLevel.Error, exception, new MessageTemplateParser().Parse("Failed"), []);

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
    }

    private static string[] Lines(StringWriter written) => written.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static void AssertPrintable(string line, bool isJson)
    {
        Assert.DoesNotMatch(NotPrintable(), line);
        Assert.False(line.StartsWith(Forged, StringComparison.Ordinal), line);
        if (isJson)
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind);
    }

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]")]
    private static partial Regex NotPrintable();

    private sealed class Written(TextWriter writer) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter text = new("[{Timestamp:HH:mm:ss} {Level:u3}] {Message:lj} {Properties}{NewLine}{Exception}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent) => text.Format(logEvent, writer);
    }

    private sealed class Named
    {
        public override string ToString() => Hostile;
    }

    /// <summary>Says more than its message, as those of some libraries do.</summary>
    private sealed class Talkative : Exception
    {
        public override string ToString() => $"{base.ToString()}\n{Forged}\nDetail: {Hostile}";
    }
}
