using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations.Observing;

/// <summary>The table of metrics in docs/operations.md.</summary>
internal static class OperationsDocument
{
    public const string OwnPrefix = "callback_receiver_";

    private const string FirstColumns = "| metric | type | labels |";

    /// <summary>The metrics by their names: of what type they are, and which labels they have.</summary>
    public static IReadOnlyDictionary<string, DocumentedMetric> Metrics { get; } = Read();

    /// <summary>What queries may ask for: of a histogram that are its parts.</summary>
    public static IReadOnlySet<string> SampleNames { get; } = Metrics
        .SelectMany(metric => metric.Value.Type == "histogram" ? new[] { "_bucket", "_sum", "_count" }.Select(part => metric.Key + part) : [metric.Key])
        .ToHashSet();

    private static Dictionary<string, DocumentedMetric> Read()
    {
        var metrics = new Dictionary<string, DocumentedMetric>(StringComparer.Ordinal);
        var isInTable = false;
        foreach (var line in CheckedIn.Read("docs/operations.md").Split('\n'))
        {
            isInTable = line.StartsWith(FirstColumns, StringComparison.Ordinal) || (isInTable && line.StartsWith('|'));
            if (!isInTable || !line.StartsWith("| `", StringComparison.Ordinal))
                continue;
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            metrics.Add(cells[1].Trim('`'), new DocumentedMetric(cells[2], [.. cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(label => label.Trim('`'))]));
        }

        return metrics;
    }
}

/// <summary>What the document says of a metric.</summary>
internal sealed record DocumentedMetric(string Type, IReadOnlyList<string> Labels);
