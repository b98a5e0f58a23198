using System.Runtime.CompilerServices;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Times to look at.</summary>
/// <param name="Ranges">The times, in the order asked for.</param>
/// <param name="AreSealed">Whether all meetings that were received in them have been projected.</param>
internal sealed record BlockStep(IReadOnlyList<TimeRange> Ranges, bool AreSealed);

/// <summary>Says where in time the meetings of a filter may be: nowhere else are there any.</summary>
internal static class BlockIndex
{
    /// <summary>
    /// So many meetings are looked at before the index is asked: what is looked for is often among them, and the index would only say that it
    /// is everywhere. Looking at a text takes some times longer than at the rest of a meeting.
    /// </summary>
    private const int NearMeetings = 400;

    private const int NearTexts = 1000;

    /// <summary>The blocks of the first step, where texts are to be looked at; each next one has twice as many.</summary>
    private const int FirstTexts = 8;

    /// <summary>So many blocks are one range at most, where they touch: PostgreSQL reads a short range by its index, whatever else is asked for.</summary>
    private const int LongestStep = 64;

    /// <summary>So many blocks are asked for at a time: a page is often full before they are all looked at.</summary>
    private const int MaxFound = 256;

    /// <summary>
    /// Gives the times to look at, step by step in the order asked for, each step's further away than the last one's. A step is read to its end
    /// where its blocks do not touch: without texts the first has as many blocks as meetings are wanted, since each block has one, or nearly each.
    /// Where the facts have the meetings in their order, blocks only say what is not projected yet.
    /// </summary>
    public static async IAsyncEnumerable<BlockStep> StepsAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, int wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (filter.IsOrderedByFacts)
        {
            var open = await FindAsync(connection, filter, range, order, int.MaxValue, withSealed: false, cancellationToken);
            foreach (var step in Alternating(range, open, order))
                yield return step;
            yield break;
        }

        var boundary = filter.HasTerms ? await FindBoundaryAsync(connection, filter, range, order, cancellationToken) : null;
        if (boundary is not { } end)
        {
            yield return new BlockStep([range], AreSealed: false);
            yield break;
        }

        var (near, far) = order == SortOrder.NewestFirst
            ? (range with { From = end }, range with { To = end })
            : (range with { To = end }, range with { From = end });
        yield return new BlockStep([near], AreSealed: false);

        var longest = filter.HasText ? FirstTexts : Math.Clamp(wanted, FirstTexts, LongestStep);
        for (TimeRange? rest = far; rest is not null;)
        {
            var blocks = await FindAsync(connection, filter, rest, order, MaxFound, withSealed: true, cancellationToken);
            for (var at = 0; at < blocks.Count; longest = Math.Min(longest * 2, LongestStep))
            {
                var step = blocks.Skip(at).Take(longest).TakeWhile(block => block.IsSealed == blocks[at].IsSealed).ToList();
                yield return new BlockStep(Joined(step), step[0].IsSealed);
                at += step.Count;
            }

            rest = blocks.Count < MaxFound ? null : Beyond(rest, blocks[^1].Range, order);
        }
    }

    /// <summary>All of the time: what is open, some blocks at a time, and what is sealed between, however long.</summary>
    private static IEnumerable<BlockStep> Alternating(TimeRange range, List<Block> open, SortOrder order)
    {
        foreach (var next in open.Chunk(LongestStep).SelectMany(Joined))
        {
            var between = order == SortOrder.NewestFirst ? range with { From = next.To } : range with { To = next.From };
            if (between.From < between.To)
                yield return new BlockStep([between], AreSealed: true);
            yield return new BlockStep([next], AreSealed: false);
            if (Beyond(range, next, order) is not { } rest)
                yield break;
            range = rest;
        }

        yield return new BlockStep([range], AreSealed: true);
    }

    /// <returns>What is left of the times once all up to the block has been looked at; null where nothing is.</returns>
    private static TimeRange? Beyond(TimeRange range, TimeRange block, SortOrder order)
    {
        var rest = order == SortOrder.NewestFirst ? range with { To = block.From } : range with { From = block.To };
        return rest.From < rest.To ? rest : null;
    }

    /// <summary>Gives all times to look at, in the order asked for.</summary>
    public static async Task<IReadOnlyList<TimeRange>> AllAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, CancellationToken cancellationToken) =>
        filter.HasTerms ? [.. (await FindAsync(connection, filter, range, order, int.MaxValue, withSealed: true, cancellationToken)).Chunk(LongestStep).SelectMany(Joined)] : [range];

    /// <returns>The time at which the near meetings end; null where there are no others.</returns>
    private static async Task<DateTime?> FindBoundaryAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, CancellationToken cancellationToken)
    {
        var sql = new Sql()
            .Append($"SELECT received_at FROM meetings WHERE workspace_id = {filter.WorkspaceId} AND received_at >= {range.From} AND received_at < {range.To}")
            .AppendText(order == SortOrder.NewestFirst ? "ORDER BY received_at DESC" : "ORDER BY received_at")
            .Append($"OFFSET {(filter.HasText ? NearTexts : NearMeetings)} LIMIT 1");
        await using var command = sql.On(connection);
        return (DateTime?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<List<Block>> FindAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, int limit, bool withSealed, CancellationToken cancellationToken)
    {
        var sql = new Sql();
        if (withSealed)
        {
            // Of all time, the index of times would name nearly every block, only to be compared with those of the terms: it is not offered then.
            sql.AppendText($"SELECT b.from_at, b.to_at, true FROM search_blocks b WHERE {(range.From == TimeRange.Always.From ? "b.from_at + interval '0'" : "b.from_at")} <");
            sql.Append($"{range.To} AND b.to_at > {range.From} AND b.workspace_id = {filter.WorkspaceId}");
            filter.AppendBlockConditions(sql);
            sql.AppendText("UNION ALL");
        }

        sql.Append($"SELECT b.from_at, b.to_at, false FROM search_blocks b WHERE b.workspace_id = {filter.WorkspaceId} AND b.from_at < {range.To} AND b.to_at > {range.From} AND b.terms IS NULL");

        // Nothing of the workspace is projected yet. Asked whether a block exists, PostgreSQL would read the table until it meets one.
        sql.Append($"UNION ALL SELECT '-infinity', 'infinity', false WHERE (SELECT b.from_at FROM search_blocks b WHERE b.workspace_id = {filter.WorkspaceId} ORDER BY b.from_at LIMIT 1) IS NULL");
        sql.AppendText(order == SortOrder.NewestFirst ? "ORDER BY from_at DESC" : "ORDER BY from_at").Append($"LIMIT {limit}");

        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var blocks = new List<Block>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (new TimeRange(reader.GetDateTime(0), reader.GetDateTime(1)).Within(range) is { } common)
                blocks.Add(new Block(common, reader.GetBoolean(2)));
        }

        return blocks;
    }

    /// <summary>Ranges that touch become one.</summary>
    private static List<TimeRange> Joined(IReadOnlyList<Block> blocks)
    {
        var joined = new List<TimeRange>();
        foreach (var (range, _) in blocks)
        {
            if (joined.Count > 0 && range.To == joined[^1].From)
                joined[^1] = joined[^1] with { From = range.From };
            else if (joined.Count > 0 && range.From == joined[^1].To)
                joined[^1] = joined[^1] with { To = range.To };
            else
                joined.Add(range);
        }

        return joined;
    }

    private readonly record struct Block(TimeRange Range, bool IsSealed);
}
