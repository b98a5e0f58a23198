using System.Text.Json;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests.Storage;

/// <summary>
/// What a statement must be like for a Citus cluster to run it: nearly anything as long as all its rows are of one workspace, since it goes
/// to that workspace's worker as it is; across workspaces only what has been looked at. It judges by the plan, in which PostgreSQL has
/// concluded already which tables' workspaces are equal, as Citus concludes it.
/// </summary>
/// <param name="tables">The distributed tables.</param>
/// <param name="volatilities">PostgreSQL's functions: <c>i</c>mmutable, <c>s</c>table or <c>v</c>olatile.</param>
/// <param name="acrossWorkspaces">The statements that may look at several workspaces, on one line each.</param>
internal sealed partial class DistributionRule(
    IReadOnlySet<string> tables, IReadOnlyDictionary<string, char> volatilities, IReadOnlySet<string> acrossWorkspaces)
{
    // Others exist on a cluster too, but not in every transaction and for every table; the service has no use for them.
    private static readonly string[] Verbs = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "LISTEN", "UNLISTEN", "SET", "RESET", "DISCARD", "CLOSE"];

    private static readonly string[] Conditions = ["Index Cond", "Recheck Cond", "Filter"];
    private static readonly string[] BitmapTypes = ["Bitmap Index Scan", "BitmapAnd", "BitmapOr"];

    /// <returns>What speaks against the statement; nothing where a cluster runs it.</returns>
    public IEnumerable<string> ObjectionsTo(SentStatement statement)
    {
        if (!Verbs.Contains(statement.Line.Split(' ', ';')[0], StringComparer.OrdinalIgnoreCase))
            return ["it is no plain statement on rows"];
        var nodes = statement.Nodes.ToList();
        var workspaces = nodes.Where(IsScan).Select(WorkspaceOf).ToList();
        var isOfOneWorkspace = !workspaces.Contains(null) && workspaces.Where(IsConstant).Distinct().Count() <= 1;
        var objections = new List<string>();
        if (!isOfOneWorkspace && !acrossWorkspaces.Contains(statement.Line))
            objections.Add("a table in it is not bound to the one workspace");
        if (!isOfOneWorkspace && nodes.Any(node => TypeOf(node) == "LockRows"))
            objections.Add("it locks rows of several workspaces");
        if (nodes.Any(node => TypeOf(node) == "ModifyTable" && tables.Contains(TableOf(node)!)))
            objections.AddRange(ObjectionsToFunctions(statement.Line));
        return objections;
    }

    /// <summary>A cluster runs a change at several places: what it stores must not depend on where and when that is.</summary>
    private IEnumerable<string> ObjectionsToFunctions(string sql)
    {
        var onConflict = sql.IndexOf("DO UPDATE SET", StringComparison.OrdinalIgnoreCase);
        foreach (Match call in Call().Matches(sql))
        {
            var volatility = volatilities.GetValueOrDefault(call.Groups["name"].Value, 'i');
            if (volatility == 'v' || (volatility == 's' && onConflict >= 0 && call.Index > onConflict))
                yield return $"it changes rows by {call.Groups["name"].Value}()";
        }
    }

    private bool IsScan(JsonElement node) => TypeOf(node) != "ModifyTable" && TableOf(node) is { } table && tables.Contains(table);

    /// <returns>What the workspace of a scan, or of the bitmap that is made for it, must equal; null where it need not equal anything.</returns>
    private static string? WorkspaceOf(JsonElement scan)
    {
        if (ConditionsOf(scan).SelectMany(TermsOf).Select(term => Workspace().Match(term)).FirstOrDefault(match => match.Success) is { } bound)
            return bound.Groups["value"].Value;
        if (!scan.TryGetProperty("Plans", out var parts))
            return null;
        var workspaces = parts.EnumerateArray().Where(part => BitmapTypes.Contains(TypeOf(part))).Select(WorkspaceOf).Distinct().ToList();
        return TypeOf(scan) == "BitmapOr" ? workspaces is [var only] ? only : null : workspaces.Find(workspace => workspace is not null);
    }

    private static bool IsConstant(string? value) => value?.StartsWith('\'') is true;

    private static IEnumerable<string> ConditionsOf(JsonElement scan)
    {
        foreach (var name in Conditions)
        {
            if (scan.TryGetProperty(name, out var condition))
                yield return condition.GetString()!;
        }
    }

    /// <summary>The parts that must all hold: of <c>((a = 1) AND ((b = 2) OR (c = 3)))</c>, which is PostgreSQL's form, <c>a = 1</c> and the other.</summary>
    private static IEnumerable<string> TermsOf(string condition)
    {
        var inner = condition[1..^1];
        var (depth, isQuoted, start, terms) = (0, false, 0, new List<string>());
        for (var at = 0; at < inner.Length; at++)
        {
            isQuoted ^= inner[at] == '\'';
            depth += isQuoted ? 0 : inner[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (isQuoted || depth > 0 || string.CompareOrdinal(inner, at, " AND ", 0, 5) != 0)
                continue;
            terms.Add(inner[start..at]);
            start = at + 5;
        }

        return terms.Count == 0 ? [inner] : [.. terms, inner[start..]];
    }

    private static string TypeOf(JsonElement node) => node.GetProperty("Node Type").GetString()!;

    private static string? TableOf(JsonElement node) => node.TryGetProperty("Relation Name", out var table) ? table.GetString() : null;

    [GeneratedRegex(@"^\(?(?:\w+\.)?workspace_id = (?<value>'(?:[^']|'')*'::text|\$\d+|\(\$\d+\)::text|(?:\w+\.)?workspace_id)(?: COLLATE ""C"")?\)?$")]
    private static partial Regex Workspace();

    [GeneratedRegex(@"(?<name>[a-z_][a-z_0-9]*)\(")]
    private static partial Regex Call();
}
