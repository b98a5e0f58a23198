using Microsoft.AspNetCore.Http.Extensions;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>
/// The state of a list of calls, which is its URL: the same parameters as the query API's. Forms send fields that are empty, and dates without a
/// zone; <see cref="Canonical"/> is what is left of them, and can be sent to a colleague.
/// </summary>
internal sealed class CallQuery
{
    public const string Text = "q";
    public const string CustomerSatisfaction = "customer_satisfaction_rating";
    public const string AgentPerformance = "agent_performance_rating";
    public const string RiskFactor = "risk_factor";
    public const string Speaker = "speaker";
    public const string From = "received_from";
    public const string To = "received_to";
    public const string Sort = "sort";
    public const string OldestFirst = "received_at";

    private const string NewestFirst = "-received_at";
    private const string Cursor = "cursor";
    private const string Find = "find";

    private readonly List<KeyValuePair<string, string>> parameters;

    private CallQuery(IEnumerable<KeyValuePair<string, string>> parameters) => this.parameters = [.. parameters];

    /// <summary>All calls.</summary>
    public static CallQuery All { get; } = new([]);

    public bool HasCursor => this[Cursor] is not null;

    public bool IsOldestFirst => this[Sort] == OldestFirst;

    /// <summary>What a reader has chosen, each by itself, but for the order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Conditions => parameters.Where(parameter => parameter.Key is not (Sort or Cursor or Find));

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => parameters;

    /// <summary>The list that the query is of, or that a call was opened from.</summary>
    public CallQuery List => new(parameters.Where(parameter => parameter.Key is not (Cursor or Find)));

    /// <summary>The same calls in no order, as an export takes them.</summary>
    public CallQuery Unordered => new(Conditions);

    /// <summary>The first value; null where there is none.</summary>
    public string? this[string name] => parameters.Find(parameter => parameter.Key == name).Value;

    public static CallQuery Of(HttpRequest request) =>
        new(request.Query.SelectMany(parameter => parameter.Value.Select(value => KeyValuePair.Create(parameter.Key, value ?? ""))));

    public bool Has(string name, string value) => parameters.Contains(KeyValuePair.Create(name, value));

    /// <summary>The list with one more condition, or another one in its place, from its first page.</summary>
    public CallQuery With(string name, string value) => new(List.parameters.Where(parameter => parameter.Key != name).Append(new(name, value)));

    /// <summary>The list without a condition, from its first page.</summary>
    public CallQuery Without(string name, string value) => new(List.parameters.Where(parameter => !parameter.Equals(KeyValuePair.Create(name, value))));

    public CallQuery WithCursor(string cursor) => new(List.parameters.Append(new(Cursor, cursor)));

    /// <returns>Null where the query is canonical.</returns>
    public CallQuery? Canonical(ReaderZone zone)
    {
        var canonical = new CallQuery(parameters
            .Select(parameter => KeyValuePair.Create(parameter.Key, InZone(parameter, zone)))
            .Where(parameter => !string.IsNullOrWhiteSpace(parameter.Value) && parameter is not { Key: Sort, Value: NewestFirst }));
        return canonical.parameters.SequenceEqual(parameters) ? null : canonical;
    }

    public override string ToString() => new QueryBuilder(parameters).ToString();

    /// <summary>A day begins in the reader's zone, and the last day of a time belongs to it.</summary>
    private static string InZone(KeyValuePair<string, string> parameter, ReaderZone zone) => parameter switch
    {
        { Key: From, Value: var day } => zone.StartOf(day, days: 0) ?? day,
        { Key: To, Value: var day } => zone.StartOf(day, days: 1) ?? day,
        _ => parameter.Value,
    };
}
