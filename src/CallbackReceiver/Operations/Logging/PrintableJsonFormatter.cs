using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace CallbackReceiver.Operations.Logging;

/// <summary>Compact JSON, one line an event, whose values are what they were and which a terminal can show.</summary>
internal sealed class PrintableJsonFormatter : ITextFormatter
{
    private readonly RenderedCompactJsonFormatter json = new();

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        json.Format(logEvent, line);
        output.WriteLine(PrintableText.OfJson(line.ToString().TrimEnd('\r', '\n')));
    }
}
