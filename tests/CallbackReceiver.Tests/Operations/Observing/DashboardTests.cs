using System.Text.Json;
using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;
using YamlDotNet.RepresentationModel;

namespace CallbackReceiver.Tests.Operations.Observing;

/// <summary>Dashboard and alerts ask for documented metrics only, and by labels that those have.</summary>
public sealed partial class DashboardTests
{
    private const string Dashboard = "deploy/grafana/callback-receiver.json";
    private const string Alerts = "deploy/prometheus/alerts.yml";

    /// <summary>Prometheus' own, of any job.</summary>
    private const string Up = "up";

    private static readonly string[] OfPrometheus = ["instance", "job", "le"];
    private static readonly string[] Severities = ["page", "ticket", "info"];

    [Fact]
    public void Every_panel_asks_for_documented_metrics()
    {
        var panels = JsonElement.Parse(CheckedIn.Read(Dashboard)).GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(
            ["Receiving", "Signatures and keys", "Commit and queue", "Spool", "Search", "Queries", "Database", "Process"],
            panels.Where(panel => panel.GetProperty("type").GetString() == "row").Select(row => row.GetProperty("title").GetString()));
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());

        var expressions = panels.Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!).ToList();
        Assert.All(expressions, AssertDocumented);
        var shown = expressions.SelectMany(MetricsIn).ToHashSet();
        Assert.All(OperationsDocument.Metrics.Keys, metric => Assert.Contains(shown, name => name == metric || name.StartsWith(metric + "_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_alert_asks_for_documented_metrics_and_says_what_it_means()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(CheckedIn.Read(Alerts)));
        var rules = ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"]).SelectMany(group => (YamlSequenceNode)group["rules"]).ToList();

        Assert.NotEmpty(rules);
        Assert.Equal(rules.Count, rules.Select(rule => rule["alert"].ToString()).Distinct().Count());
        Assert.All(rules, rule =>
        {
            AssertDocumented(rule["expr"].ToString());
            Assert.Contains(rule["labels"]["severity"].ToString(), Severities);
            Assert.NotEmpty(rule["annotations"]["summary"].ToString());
        });
    }

    private static void AssertDocumented(string expression)
    {
        var metrics = MetricsIn(expression).ToList();
        Assert.NotEmpty(metrics);
        Assert.All(metrics, metric => Assert.True(metric == Up || OperationsDocument.SampleNames.Contains(metric), $"{metric} is not documented: {expression}"));
        var known = metrics.SelectMany(metric => OperationsDocument.Metrics.Where(documented => metric.StartsWith(documented.Key, StringComparison.Ordinal)).SelectMany(documented => documented.Value.Labels))
            .Concat(OfPrometheus).ToHashSet();
        Assert.All(LabelsIn(expression), label => Assert.True(known.Contains(label), $"None of its metrics has the label {label}: {expression}"));
    }

    /// <summary>What is left of an expression without strings, selectors, groupings and functions are metrics and words of the language.</summary>
    private static IEnumerable<string> MetricsIn(string expression) => Name().Matches(NotMetrics().Replace(Text().Replace(expression, ""), " "))
        .Select(match => match.Value).Where(name => name is not ("and" or "or" or "unless" or "bool"));

    private static IEnumerable<string> LabelsIn(string expression)
    {
        var bare = Text().Replace(expression, "\"\"");
        return Matched().Matches(bare).Select(match => match.Groups[1].Value)
            .Concat(Grouping().Matches(bare).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)));
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring)\s*\([^)]*\)|\b\w+\s*(?=\()|\b(sum|max|min|avg|count)\b|(?<![\w])[\d.]+")]
    private static partial Regex NotMetrics();

    [GeneratedRegex(@"[a-zA-Z_:][\w:]*")]
    private static partial Regex Name();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)\s*""")]
    private static partial Regex Matched();

    [GeneratedRegex(@"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();
}
