using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings;

/// <summary>A place in a list of meetings, which is in the order of time, and of ids within a moment.</summary>
internal readonly record struct ListPlace(DateTime At, string MeetingId);

/// <summary>A part of a list, of meetings that are where they always were since its reading began.</summary>
/// <param name="After">The place before the part; null where it begins with the list.</param>
/// <param name="Until">Where it ends: the place of a meeting that has moved away, and still belongs there; null where it ends with the list.</param>
internal readonly record struct ListPart(ListPlace? After, ListPlace? Until);

/// <summary>
/// Keeps each meeting at one place of a list for as long as the list is read, page by page or as an export. A meeting that is analysed again moves to
/// the time of its new analysis: it would be read twice, or never. So it stays where it was when the reading began.
/// </summary>
/// <param name="connection">In a transaction whose statements all see the same state.</param>
/// <param name="filter">Which meetings.</param>
/// <param name="order">The order of the list.</param>
/// <param name="startedAt">What is received later has been analysed since the reading began.</param>
internal sealed class ListPlaces(NpgsqlConnection connection, MeetingFilter filter, SortOrder order, DateTime startedAt)
{
    /// <summary>The condition on a meeting <c>m</c> that was analysed once: whenever that was, it has not moved.</summary>
    public const string IsUnmoved = "m.first_received_at = m.received_at";

    /// <summary>Finds when the newest meeting was received: for a reading that begins now, what is received later has been analysed since.</summary>
    /// <returns>The beginning of time where there is no meeting.</returns>
    public static async Task<DateTime> FindNewestAsync(NpgsqlConnection connection, string workspaceId, CancellationToken cancellationToken)
    {
        var sql = new Sql().Append($"SELECT m.received_at FROM meetings m WHERE m.workspace_id = {workspaceId} ORDER BY m.received_at DESC LIMIT 1");
        await using var command = sql.On(connection);
        return (DateTime?)await command.ExecuteScalarAsync(cancellationToken) ?? TimeRange.Always.From;
    }

    /// <summary>Cuts the list at the places of meetings that have moved since the reading began.</summary>
    /// <param name="after">Where to begin; null for the beginning of the list.</param>
    /// <param name="limit">The most meetings that are wanted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The parts in the order of the list, up to the end or the limit.</returns>
    public async Task<List<ListPart>> CutAsync(ListPlace? after, int limit, CancellationToken cancellationToken)
    {
        var parts = new List<ListPart>();
        foreach (var moved in await FindMovedAsync(after, limit, cancellationToken))
        {
            parts.Add(new ListPart(after, moved));
            after = moved;
        }

        if (parts.Count < limit)
            parts.Add(new ListPart(after, Until: null));
        return parts;
    }

    /// <summary>The times of a part, in the order of the list: up to the beginning of the reading, and after it.</summary>
    /// <param name="part">The part.</param>
    /// <param name="within">What is asked for of it.</param>
    /// <returns>Each with whether it is after the beginning: there only meetings belong for which <see cref="IsUnmoved"/> holds.</returns>
    public IReadOnlyList<(TimeRange Range, bool IsNew)> TimesOf(ListPart part, TimeRange within)
    {
        var (first, last) = order == SortOrder.NewestFirst ? (part.Until, part.After) : (part.After, part.Until);
        if (new TimeRange(first?.At ?? TimeRange.Always.From, MomentAfter(last?.At)).Within(within) is not { } range)
            return [];
        var bound = MomentAfter(startedAt);
        var times = new List<(TimeRange Range, bool IsNew)>();
        if (range.Within(TimeRange.Always with { To = bound }) is { } before)
            times.Add((before, false));
        if (range.Within(TimeRange.Always with { From = bound }) is { } since)
            times.Add((since, true));
        if (order == SortOrder.NewestFirst)
            times.Reverse();
        return times;
    }

    /// <returns>The next moment that PostgreSQL knows; what is before all time, or after it, has none.</returns>
    private static DateTime MomentAfter(DateTime? moment) => moment switch
    {
        { } at when at == TimeRange.Always.From => at,
        { } at when at < TimeRange.Always.To.AddMicroseconds(-1) => at.AddMicroseconds(1),
        _ => TimeRange.Always.To,
    };

    /// <summary>Where the last analysis before the reading was, or the first one if all came later.</summary>
    private async Task<List<ListPlace>> FindMovedAsync(ListPlace? after, int limit, CancellationToken cancellationToken)
    {
        var (later, direction) = order.InSql;
        var sql = new Sql().Append($"""
            SELECT m.meeting_id, p.at
            FROM meetings m
            CROSS JOIN LATERAL (
                SELECT coalesce(max(d.received_at), m.first_received_at) AS at
                FROM deliveries d
                WHERE d.workspace_id = {filter.WorkspaceId} AND d.delivery_id = ANY (m.delivery_ids) AND d.received_at <= {startedAt}) p
            WHERE m.workspace_id = {filter.WorkspaceId} AND m.received_at > {startedAt} AND m.first_received_at < m.received_at
                AND m.received_at >= {filter.Received.From} AND m.received_at < {filter.Received.To}
            """);
        filter.AppendConditions(sql);
        if (after is { } last)
            sql.AppendText($"AND (p.at, m.meeting_id) {later}").Append($"({last.At}, {last.MeetingId})");
        sql.AppendText($"ORDER BY p.at {direction}, m.meeting_id {direction}").Append($"LIMIT {limit}");

        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new List<ListPlace>();
        while (await reader.ReadAsync(cancellationToken))
            places.Add(new ListPlace(reader.GetDateTime(1), reader.GetString(0)));
        return places;
    }
}
