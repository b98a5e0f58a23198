using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CallbackReceiver.Meetings;

/// <summary>Reads a request's query parameters and gathers what is wrong with them, each by its name.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection query;
    private readonly List<ParameterError> errors = [];

    /// <summary>Reads the query of a route that says with <see cref="QueryParameters.TakesQuery"/> what it takes; any other parameter is an error, since a misspelt filter would show too much.</summary>
    public QueryReader(HttpRequest request)
    {
        query = request.Query;
        var known = request.HttpContext.GetEndpoint()!.Metadata.GetOrderedMetadata<QueryParameter>();
        foreach (var unknown in query.Keys.Except(known.Select(parameter => parameter.Name), StringComparer.Ordinal))
            errors.Add(new ParameterError(unknown, "unknown parameter"));
    }

    /// <summary>The 400 to answer with; null where nothing is wrong.</summary>
    public ProblemHttpResult? Problem => errors.Count == 0 ? null : CallbackReceiver.Problem.BadParameters(errors);

    /// <summary>The parameter's value where it is given once and the reader takes it; else null, and an error where it is given.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="parse">Gives null for a value that is wrong.</param>
    public T? Read<T>(QueryParameter parameter, Func<string, T?> parse)
        where T : struct
    {
        var values = query[parameter.Name];
        if (values.Count == 0)
            return null;
        if (values is [{ } value] && parse(value) is { } parsed)
            return parsed;
        Refuse(parameter, parameter.Expectation);
        return null;
    }

    /// <summary>The values of a parameter that may be given several times, each once; none where it is not given.</summary>
    public string[] ReadValues(QueryParameter parameter)
    {
        var values = query[parameter.Name];
        if (values.All(parameter.Values!.Contains))
            return [.. values.Distinct(StringComparer.Ordinal)!];
        Refuse(parameter, parameter.Expectation);
        return [];
    }

    /// <summary>Notes what is wrong with a parameter.</summary>
    public void Refuse(QueryParameter parameter, string reason) => errors.Add(new ParameterError(parameter.Name, reason));

    public int ReadLimit() => Read<int>(QueryParameter.Limit, value =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= QueryParameter.MaxLimit ? limit : null)
        ?? QueryParameter.DefaultLimit;

    /// <summary>A time with its zone, as RFC 3339 writes it.</summary>
    public DateTime? ReadTime(QueryParameter parameter) => Read<DateTime>(parameter, value => Rfc3339.TryParse(value));

    /// <inheritdoc cref="Read"/>
    public string? ReadText(QueryParameter parameter, Func<string, bool> isGood) => Read<Text>(parameter, value => isGood(value) ? new Text(value) : null)?.Value;

    /// <param name="list">The list that the cursor must be of: the workspace.</param>
    public MeetingCursor? ReadCursor(string list) => Read(QueryParameter.Cursor, value => MeetingCursor.TryParse(value, list));

    private readonly record struct Text(string Value);
}

/// <summary>What is wrong with a parameter.</summary>
/// <param name="Parameter">Its name.</param>
/// <param name="Reason">What is expected instead.</param>
internal sealed record ParameterError(string Parameter, string Reason);

/// <summary>A query parameter: what it is called, in the OpenAPI document and in errors.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Expectation">What a value must be.</param>
/// <param name="IsInteger">Whether the OpenAPI document calls it an integer.</param>
internal sealed record QueryParameter(string Name, string Description, string Expectation, bool IsInteger = false)
{
    /// <summary>All values that there are; null where there is no end of them.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Whether it may be given several times.</summary>
    public bool IsRepeatable { get; init; }

    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public const string TimeExpectation = "expected a time with its zone, as RFC 3339 writes it, such as 2026-01-31T08:00:00Z or 2026-01-31T08:00:00+08:00 (in a query + is %2B)";

    public static readonly QueryParameter Limit = new(
        "limit", $"The most rows of a page; {DefaultLimit} unless given.", $"expected a number from 1 to {MaxLimit}", IsInteger: true);

    public static readonly QueryParameter Cursor = new(
        "cursor", "The `next_cursor` of the page before.", "expected the next_cursor of a page, as it was");
}

/// <summary>Names the query parameters that a route takes, for the OpenAPI document and for <see cref="QueryReader"/>.</summary>
internal static class QueryParameters
{
    public static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder route, params QueryParameter[] parameters) => route.WithMetadata(parameters);
}
