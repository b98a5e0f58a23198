using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Storage;

/// <summary>A statement that PostgreSQL ran, and the plan that it ran by; null for what has none, such as <c>COMMIT</c>.</summary>
internal sealed partial record SentStatement(string Text, JsonElement? Plan)
{
    /// <summary>
    /// What makes PostgreSQL report every statement to the client that sent it (<c>log_statement</c>) with its plan (<c>auto_explain</c>),
    /// for the startup options of a connection string.
    /// </summary>
    public const string Reporting = "-c client_min_messages=log -c log_min_messages=fatal -c log_statement=all -c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 "
        + "-c auto_explain.log_level=log -c auto_explain.log_format=json";

    /// <summary>The text with every run of white space as one space.</summary>
    public string Line => Normalized(Text);

    /// <summary>All nodes of the plan.</summary>
    public IEnumerable<JsonElement> Nodes => Plan is { } root ? NodesOf(root) : [];

    public static string Normalized(string sql) => Space().Replace(sql, " ").Trim();

    /// <summary>Takes what was reported since the last call.</summary>
    public static List<SentStatement> TakeFrom(ConcurrentQueue<string> notices)
    {
        var statements = new List<SentStatement>();
        while (notices.TryDequeue(out var notice))
        {
            if (Statement().Match(notice) is { Success: true } statement)
                statements.Add(new SentStatement(statement.Groups["text"].Value, null));
            else if (notice.Contains("  plan:", StringComparison.Ordinal))
                statements.Add(Explained(JsonElement.Parse(notice[notice.IndexOf('{', StringComparison.Ordinal)..])));
        }

        return statements;
    }

    private static SentStatement Explained(JsonElement explained) => new(explained.GetProperty("Query Text").GetString()!, explained.GetProperty(nameof(Plan)));

    private static IEnumerable<JsonElement> NodesOf(JsonElement node)
    {
        yield return node;
        if (!node.TryGetProperty("Plans", out var parts))
            yield break;
        foreach (var part in parts.EnumerateArray().SelectMany(NodesOf))
            yield return part;
    }

    [GeneratedRegex(@"^(?:statement|execute [^:]+): (?<text>.+)$", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
