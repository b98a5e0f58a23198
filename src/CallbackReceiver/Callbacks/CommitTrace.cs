using System.Diagnostics;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// The span of a commit that several requests share. It is a child of the first request among them that is traced, so that it is sampled as
/// that one is, and is linked with all others; each request's span is linked with it, and says what came of its delivery.
/// </summary>
internal sealed class CommitTrace
{
    private readonly Activity commit;
    private readonly Activity?[] requests;

    private CommitTrace(Activity commit, Activity?[] requests)
    {
        this.commit = commit;
        this.requests = requests;
    }

    /// <summary>The activity of the request under way, where somebody listens; else null, and a commit costs nothing more.</summary>
    public static Activity? OfRequest() => Telemetry.Traces.HasListeners() ? Activity.Current : null;

    /// <returns>Null where none of the requests is traced.</returns>
    public static CommitTrace? Begin(IEnumerable<Activity?> requests)
    {
        if (!Telemetry.Traces.HasListeners())
            return null;
        var all = requests.ToArray();
        if (Array.Find(all, request => request is { Recorded: true }) is not { } first)
            return null;
        var others = all.Where(request => request is not null && request != first).Select(request => new ActivityLink(request!.Context));
        return Telemetry.Traces.StartActivity("commit", ActivityKind.Internal, first.Context, links: others) is { } commit ? new CommitTrace(commit, all) : null;
    }

    /// <summary>Ends the span. The requests wait meanwhile, so that nobody else writes into their activities.</summary>
    public void End(int deliveries, string result, Receipt?[]? receipts)
    {
        commit.SetTag(Telemetry.Prefix + "batch.size", deliveries);
        commit.SetTag(Telemetry.Prefix + "result", result);
        if (receipts is null)
            commit.SetStatus(ActivityStatusCode.Error);
        commit.Dispose();
        for (var i = 0; i < requests.Length; i++)
        {
            if (requests[i] is { } request)
                Describe(request, deliveries, receipts?[i]);
        }
    }

    /// <summary>Ids and counts: never a word of a body.</summary>
    private void Describe(Activity request, int deliveries, Receipt? receipt)
    {
        request.AddLink(new ActivityLink(commit.Context));
        request.SetTag(Telemetry.Prefix + "batch.size", deliveries);
        if (receipt is null)
            return;
        request.SetTag(Telemetry.Prefix + "outcome", OutcomeNames.Of(receipt.Outcome));
        request.SetTag(Telemetry.Prefix + "delivery_id", receipt.DeliveryId);
    }
}
