using System.Globalization;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace CallbackReceiver.Operations.Logging;

/// <summary>Makes every text of an event printable before a sink that writes plain text sees it: message, properties and exception.</summary>
internal sealed class PrintableSink(ILogEventSink plain) : ILogEventSink, IDisposable
{
    public void Emit(LogEvent logEvent) => plain.Emit(new LogEvent(
        logEvent.Timestamp,
        logEvent.Level,
        logEvent.Exception is { } exception ? new PrintableException(exception) : null,
        Printable(logEvent.MessageTemplate),
        logEvent.Properties.Select(property => new LogEventProperty(property.Key, Printable(property.Value))),
        logEvent.TraceId ?? default,
        logEvent.SpanId ?? default));

    public void Dispose() => (plain as IDisposable)?.Dispose();

    /// <summary>A template is the program's own, unless a library has put a value into it where it should have named one.</summary>
    private static MessageTemplate Printable(MessageTemplate template)
    {
        var text = PrintableText.Of(template.Text);
        return ReferenceEquals(text, template.Text)
            ? template
            : new MessageTemplate(text, template.Tokens.Select(token => token is TextToken constant ? new TextToken(PrintableText.Of(constant.Text)) : token));
    }

    private static LogEventPropertyValue Printable(LogEventPropertyValue value) => value switch
    {
        ScalarValue scalar => Printable(scalar),
        SequenceValue sequence => new SequenceValue(sequence.Elements.Select(Printable)),
        StructureValue structure => new StructureValue(
            structure.Properties.Select(member => new LogEventProperty(PrintableText.Of(member.Name), Printable(member.Value))),
            structure.TypeTag is null ? null : PrintableText.Of(structure.TypeTag)),
        DictionaryValue dictionary => new DictionaryValue(
            dictionary.Elements.Select(element => KeyValuePair.Create(Printable(element.Key), Printable(element.Value)))),
        _ => new ScalarValue(PrintableText.Of(value.ToString("l", CultureInfo.InvariantCulture))),
    };

    /// <summary>Numbers and the like are formatted by the sink; whatever else there is, by its text.</summary>
    private static ScalarValue Printable(ScalarValue scalar)
    {
        if (scalar.Value is null or bool or Enum or DateTime or DateTimeOffset or TimeSpan or Guid || scalar.Value.GetType() is { IsPrimitive: true } && scalar.Value is not char)
            return scalar;
        var text = Convert.ToString(scalar.Value, CultureInfo.InvariantCulture) ?? "";
        var printable = PrintableText.Of(text);
        return ReferenceEquals(text, printable) ? scalar : new ScalarValue(printable);
    }

    /// <summary>
    /// Stands for an exception whose text is written over several lines: those of the stack. Its messages have no line breaks, and whatever
    /// else begins a line is indented: no line of it looks like one of the log.
    /// </summary>
    private sealed class PrintableException(Exception exception) : Exception(PrintableText.Of(exception.Message))
    {
        private const string Indentation = "   ";

        public override string ToString()
        {
            var text = exception.ToString();
            foreach (var message in MessagesOf(exception).Where(message => message.Length > 0))
                text = text.Replace(message, PrintableText.Of(message), StringComparison.Ordinal);
            var lines = text.ReplaceLineEndings("\n").Split('\n').Select(PrintableText.Of);
            return string.Join(Environment.NewLine, lines.Select((line, n) => n == 0 || line.StartsWith(Indentation, StringComparison.Ordinal) ? line : Indentation + line));
        }

        private static IEnumerable<string> MessagesOf(Exception exception) => exception is AggregateException several
            ? several.InnerExceptions.SelectMany(MessagesOf).Append(several.Message)
            : exception.InnerException is { } inner ? MessagesOf(inner).Append(exception.Message) : [exception.Message];
    }
}
