using System.Globalization;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>What <c>/metrics</c> shows at one moment, in Prometheus' text format.</summary>
internal sealed partial class MetricsPage
{
    private MetricsPage(string text)
    {
        Types = TypeLine().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value, StringComparer.Ordinal);
        Samples = [.. SampleLine().Matches(text).Select(ReadSample)];
    }

    /// <summary>The types of the metrics, by their names.</summary>
    public IReadOnlyDictionary<string, string> Types { get; }

    public IReadOnlyList<MetricSample> Samples { get; }

    public static async Task<MetricsPage> ReadAsync(ReceiverProcess service)
    {
        var answer = await service.GetAsync("/metrics", apiKey: null);
        Assert.True(answer.Status == 200, answer.ToString());
        return new MetricsPage(answer.Body);
    }

    /// <summary>The values of a metric that have these labels; of a histogram, how many times it was measured.</summary>
    public IReadOnlyList<double> Of(string metric, params (string Name, string Value)[] labels)
    {
        var name = Types.GetValueOrDefault(metric) == "histogram" ? metric + "_count" : metric;
        return [.. Samples.Where(sample => sample.Name == name && Array.TrueForAll(labels, label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Select(sample => sample.Value)];
    }

    /// <summary>Their sum.</summary>
    public double Sum(string metric, params (string Name, string Value)[] labels) => Of(metric, labels).Sum();

    private static MetricSample ReadSample(Match match) => new(
        match.Groups["name"].Value,
        Label().Matches(match.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value, StringComparer.Ordinal),
        match.Groups["value"].Value == "+Inf" ? double.PositiveInfinity : double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^# TYPE (\w+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    [GeneratedRegex("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Label();
}

/// <summary>One value of a metric.</summary>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
