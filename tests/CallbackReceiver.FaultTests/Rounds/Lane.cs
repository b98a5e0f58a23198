using System.Diagnostics;
using CallbackReceiver.FaultTests.Faults;
using CallbackReceiver.FaultTests.Machinery;
using CallbackReceiver.FaultTests.Traffic;
using CallbackReceiver.FaultTests.Upgrades;

namespace CallbackReceiver.FaultTests.Rounds;

/// <summary>
/// Runs rounds one after another on a site of its own. Every round is held against all that was sent since the tables were last emptied,
/// so that a fault which loses what an earlier round had stored is found too.
/// </summary>
internal sealed class Lane(string folder, int perSecond) : IAsyncDisposable
{
    /// <summary>So many callbacks are looked at together; then the tables are emptied.</summary>
    private const int MostAudited = 10_000;

    private readonly List<Callback> sent = [];
    private Site? site;
    private int sites;

    public async Task<RoundResult> RunAsync(Round round, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            site ??= await Site.CreateAsync(Path.Combine(folder, $"site-{++sites}"), cancellationToken);
            var source = new CallbackSource(site.Workspace.Id, $"round-{round.Number}", new Random(round.Seed), withOddItems: true);
            await site.PrepareAsync(round.Fault.Shape, cancellationToken);
            await SendDuringAsync(site, round, source, cancellationToken);
            await site.WaitUntilQuietAsync(cancellationToken);
            var result = await AuditAsync(site, round, source, cancellationToken) with { Duration = Stopwatch.GetElapsedTime(started) };
            if (!result.IsPassed)
                return await FailAsync(result);
            if (sent.Count > MostAudited)
                await EmptyAsync(site, cancellationToken);
            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return await FailAsync(new RoundResult(round) { Wrongs = [exception.ToString()], Duration = Stopwatch.GetElapsedTime(started) });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
    }

    private async Task SendDuringAsync(Site site, Round round, CallbackSource source, CancellationToken cancellationToken)
    {
        var moments = new Moments(new Random(~round.Seed), cancellationToken);
        using var sender = new Sender([.. site.Services.Select(service => service.Address)], site.Workspace, source, perSecond);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = sender.RunAsync(stop.Token);
        try
        {
            await moments.PassAsync(200, 1200);
            await round.Fault.StrikeAsync(site, moments);
            await moments.PassAsync(200, 700);
        }
        finally
        {
            await stop.CancelAsync();
            await sending;
        }
    }

    private async Task<RoundResult> AuditAsync(Site site, Round round, CallbackSource source, CancellationToken cancellationToken)
    {
        sent.AddRange(source.Callbacks);
        var audit = new Audit(sent, await Tables.ReadAsync(site.Postgres, areAllTold: true, cancellationToken));
        var replies = source.Callbacks.SelectMany(callback => callback.Replies).ToList();
        var kept = source.Callbacks.Where(callback => !callback.IsAcknowledged && audit.IsKept(callback)).ToList();
        return new RoundResult(round)
        {
            Replies = replies.CountBy(reply => reply.Kind).ToDictionary(),
            Acknowledged = source.Callbacks.Count(callback => callback.IsAcknowledged),
            KeptWithoutAnswer = kept.Count,
            KeptThoughRefused = kept.Count(callback => callback.Replies.Exists(reply => reply.Kind == ReplyKind.Refused)),
            Overcounted = source.Callbacks.Count(audit.IsOvercounted),
            AnswerTimes = [.. replies.Where(reply => reply.IsAcknowledgement || reply.Kind == ReplyKind.Refused).Select(reply => reply.After).Order()],
            SlowestStop = site.Services.Max(service => service.SlowestStop),
            Wrongs = [.. audit.Wrongs(), .. UnexpectedReplies(round.Fault, replies), .. await ReadingWrongsAsync(site, cancellationToken), .. site.DamagedSpools().Select(file => $"{file} was moved aside")],
        };
    }

    /// <summary>Reads all meetings as a dashboard does, by pages and as an export: what is stored must not keep anything from being read.</summary>
    private static async Task<IEnumerable<string>> ReadingWrongsAsync(Site site, CancellationToken cancellationToken)
    {
        using var list = new MeetingList(site.Services[0].Address, site.Workspace);
        var (listed, exported) = ((await list.ReadAllAsync(cancellationToken)).Count, await list.CountExportedAsync(cancellationToken));
        return listed == exported ? [] : [$"{listed} meetings are listed, and {exported} exported"];
    }

    private static IEnumerable<string> UnexpectedReplies(Fault fault, IReadOnlyList<Reply> replies) => replies
        .Where(reply => reply.Kind switch
        {
            ReplyKind.Strange => true,
            ReplyKind.Refused => !fault.FillsSpool,
            ReplyKind.Broken or ReplyKind.NotConnected => !fault.StopsService,
            _ => false,
        })
        .GroupBy(reply => reply.Kind)
        .Select(group => $"{group.Count()} callbacks got an answer that this fault does not explain: {group.Key} after {group.First().After.TotalSeconds:0.0} s: {group.First().Text}");

    /// <summary>The next round begins with a new site, so that no failure brings another.</summary>
    private async Task<RoundResult> FailAsync(RoundResult result)
    {
        if (site is not null)
        {
            result = result with { Wrongs = [.. result.Wrongs.Take(10), site.Logs()] };
            await site.DisposeAsync();
        }

        site = null;
        sent.Clear();
        return result;
    }

    private async Task EmptyAsync(Site site, CancellationToken cancellationToken)
    {
        await Tables.EmptyAsync(site.Postgres, cancellationToken);
        sent.Clear();
    }
}
