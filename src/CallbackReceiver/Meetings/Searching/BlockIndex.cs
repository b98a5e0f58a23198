using System.Runtime.CompilerServices;
using Npgsql;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>Where to look for meetings.</summary>
/// <param name="Ranges">The times to look at, in the order asked for.</param>
/// <param name="MeetingIds">The only meetings in these times that may be wanted; null where any may.</param>
internal sealed record BlockStep(IReadOnlyList<TimeRange> Ranges, IReadOnlyList<string>? MeetingIds = null);

/// <summary>
/// Says where the meetings of a filter may be: nowhere else are there any. Of sealed blocks the segments say which meetings have the filter's terms;
/// open ones are looked at in full.
/// </summary>
internal static class BlockIndex
{
    /// <summary>So many blocks are one range at most, where they touch: PostgreSQL reads a short range by its index, whatever else is asked for.</summary>
    private const int LongestRange = 64;

    /// <summary>How many blocks are read at first: a page is often full before more are needed. Then twice as many each time.</summary>
    private const int FewestBlocks = 16;

    private const int MostBlocks = 2048;

    /// <summary>The most meetings that are named in a step.</summary>
    private const int MostIds = 10_000;

    /// <summary>Where every third meeting of a block may be wanted or more, all are looked at: it costs less to read them in their order.</summary>
    private const int Many = 3;

    /// <summary>Gives where to look, step by step in the order asked for, each step's times further away than the last one's.</summary>
    public static async IAsyncEnumerable<BlockStep> StepsAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, int wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!filter.HasTerms)
        {
            yield return new BlockStep([range]);
            yield break;
        }

        var search = new SegmentSearch(connection, filter);
        var size = FewestBlocks;
        for (TimeRange? rest = range; rest is not null; size = Math.Min(2 * size, MostBlocks))
        {
            var blocks = await BlockDirectory.ReadAsync(connection, filter.WorkspaceId, rest, order, size, cancellationToken);
            await search.FindAsync(blocks, cancellationToken);
            await foreach (var step in StepsOfAsync(search, blocks, wanted, cancellationToken))
                yield return step;
            rest = blocks.Count < size ? null : Beyond(rest, blocks[^1].Range, order);
        }
    }

    /// <summary>Gives all places to look at, in the order asked for.</summary>
    public static async Task<IReadOnlyList<BlockStep>> AllAsync(
        NpgsqlConnection connection, MeetingFilter filter, TimeRange range, SortOrder order, CancellationToken cancellationToken)
    {
        if (!filter.HasTerms)
            return [new BlockStep([range])];
        var search = new SegmentSearch(connection, filter);
        var blocks = await BlockDirectory.ReadAsync(connection, filter.WorkspaceId, range, order, int.MaxValue, cancellationToken);
        await search.FindAsync(blocks, cancellationToken);
        return await StepsOfAsync(search, blocks, int.MaxValue, cancellationToken).ToListAsync(cancellationToken);
    }

    /// <returns>What is left of the times once all up to the block has been looked at; null where nothing is.</returns>
    private static TimeRange? Beyond(TimeRange range, TimeRange block, SortOrder order)
    {
        var rest = order == SortOrder.NewestFirst ? range with { To = block.From } : range with { From = block.To };
        return rest.From < rest.To ? rest : null;
    }

    /// <summary>Steps of blocks that are looked at in the same way, each of about as many meetings as are wanted.</summary>
    private static async IAsyncEnumerable<BlockStep> StepsOfAsync(
        SegmentSearch search, List<Block> blocks, int wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var candidates = blocks.ConvertAll(block => (Block: block, Way: WayOf(block, search.CountIn(block)), Meetings: search.CountIn(block)));
        candidates.RemoveAll(candidate => candidate.Way == Way.None);
        for (var at = 0; at < candidates.Count;)
        {
            var way = candidates[at].Way;
            var step = new List<Block>();
            for (var meetings = 0;
                at < candidates.Count && candidates[at].Way == way && step.Count < LongestRange && meetings < Math.Min(wanted, MostIds);
                at++)
            {
                step.Add(candidates[at].Block);
                meetings += candidates[at].Meetings;
            }

            yield return new BlockStep(Joined(step), way == Way.Ids ? await search.ReadIdsAsync(step, cancellationToken) : null);
        }
    }

    private static Way WayOf(Block block, int meetings) =>
        !block.IsSealed ? Way.Open : meetings == 0 ? Way.None : meetings * Many >= block.Meetings ? Way.All : Way.Ids;

    /// <summary>Ranges that touch become one.</summary>
    private static List<TimeRange> Joined(IReadOnlyList<Block> blocks)
    {
        var joined = new List<TimeRange>();
        foreach (var range in blocks.Select(block => block.Range))
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

    /// <summary>How a block's meetings are looked at.</summary>
    private enum Way
    {
        None,
        Open,
        All,
        Ids,
    }
}
