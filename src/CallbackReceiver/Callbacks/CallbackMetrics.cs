using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// Counts what becomes of callbacks, whose signatures fail, and which key signs. It is called once or twice a callback: the tags are made
/// beforehand, so that counting allocates nothing.
/// </summary>
internal sealed class CallbackMetrics : ICountFromZero
{
    /// <summary>Stands for what is not, or not known to be, of a configured workspace.</summary>
    private const string NoWorkspace = "";

    private static readonly Outcome[] Answers = [Outcome.Stored, Outcome.Duplicate, Outcome.Ignored, Outcome.Quarantined, Outcome.Spooled];

    private readonly Counter<long> deliveries;
    private readonly Counter<long> failures;
    private readonly Counter<long> refusals;
    private readonly Counter<long> keyUses;
    private readonly ConcurrentDictionary<string, Tags[]> outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Tags[]> reasons = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string WorkspaceId, string KeyId), KeyUse> keys = new();
    private readonly ReloadingSetting<SigningKeys> signingKeys;
    private readonly TimeProvider time;
    private SigningKeys? started;

    public CallbackMetrics(IMeterFactory meters, ReloadingSetting<SigningKeys> signingKeys, TimeProvider time)
    {
        this.signingKeys = signingKeys;
        this.time = time;
        var meter = meters.CreateMeter();
        deliveries = meter.CreateCounter<long>(Telemetry.Prefix + "deliveries", "{delivery}", "Signed callbacks that were answered 2xx, by what became of them.");
        failures = meter.CreateCounter<long>(Telemetry.Prefix + "signature.failures", "{callback}", "Callbacks whose signature was refused, by the reason.");
        refusals = meter.CreateCounter<long>(Telemetry.Prefix + "callbacks.refused", "{callback}", "Callbacks that were refused for another reason than their signature.");
        keyUses = meter.CreateCounter<long>(Telemetry.Prefix + "key.uses", "{callback}", "Callbacks that a signing key verified.");
        meter.CreateObservableGauge(Telemetry.Prefix + "key.last_used.timestamp", ObserveKeys, "s", "When a configured signing key last verified a callback of this process; 0 where it has not.");
    }

    /// <summary>Counts a body that a key verified.</summary>
    public void Verified(VerifiedBody body)
    {
        var use = UseOf(body.WorkspaceId, body.KeyId);
        use.LastUsed = time.GetUtcNow().ToUnixTimeMilliseconds();
        keyUses.Add(1, use.Tags);
    }

    /// <summary>Counts the answer to a verified callback.</summary>
    public void Answered(string workspaceId, Outcome outcome) => deliveries.Add(1, OutcomesOf(workspaceId)[(int)outcome].Values);

    /// <summary>Counts a refused signature.</summary>
    /// <param name="workspaceId">The workspace of the URL, where there is one and it is configured; else null.</param>
    /// <param name="reason">Why.</param>
    public void SignatureFailed(string? workspaceId, SignatureFailure reason) => failures.Add(1, ReasonsOf(workspaceId ?? NoWorkspace)[(int)reason].Values);

    public void Refused(Refusal reason) => refusals.Add(1, RefusalTags[(int)reason].Values);

    public void StartSeries()
    {
        started = signingKeys.Current;
        var workspaces = started.All.Select(key => key.WorkspaceId).Distinct().ToList(); // without keys, one is not expected to send
        foreach (var workspaceId in workspaces.Append(NoWorkspace))
        {
            foreach (var tags in ReasonsOf(workspaceId))
                failures.Add(0, tags.Values);
        }

        foreach (var workspaceId in workspaces)
        {
            foreach (var outcome in Answers)
                deliveries.Add(0, OutcomesOf(workspaceId)[(int)outcome].Values);
        }

        foreach (var key in started.All)
            keyUses.Add(0, UseOf(key.WorkspaceId, key.Id).Tags);
        foreach (var tags in RefusalTags)
            refusals.Add(0, tags.Values);
    }

    private List<Measurement<double>> ObserveKeys()
    {
        var current = signingKeys.Current;
        if (started is not null && current != started)
            StartSeries(); // a workspace or a key is new
        var measurements = new List<Measurement<double>>();
        foreach (var workspaceId in current.WorkspaceIds)
        {
            foreach (var (position, key) in current.Of(workspaceId).Index())
            {
                var lastUsed = UseOf(workspaceId, key.Id).LastUsed / 1000.0;
                measurements.Add(new Measurement<double>(
                    lastUsed, Telemetry.Tag(Telemetry.Workspace, workspaceId), Telemetry.Tag("key_id", key.Id), Telemetry.Tag("position", position)));
            }
        }

        return measurements;
    }

    private KeyUse UseOf(string workspaceId, string keyId) => keys.GetOrAdd((workspaceId, keyId), static key => new KeyUse(key.WorkspaceId, key.KeyId));

    private Tags[] OutcomesOf(string workspaceId) => outcomes.GetOrAdd(workspaceId, static id =>
        [.. Enum.GetValues<Outcome>().Select(outcome => new Tags(Telemetry.Tag("outcome", OutcomeNames.Of(outcome)), Telemetry.Tag(Telemetry.Workspace, id)))]);

    private Tags[] ReasonsOf(string workspaceId) => reasons.GetOrAdd(workspaceId, static id =>
        [.. Enum.GetValues<SignatureFailure>().Select(reason => new Tags(Telemetry.Tag("reason", NameOf(reason)), Telemetry.Tag(Telemetry.Workspace, id)))]);

    private static readonly Tags[] RefusalTags = [.. Enum.GetValues<Refusal>().Select(reason => new Tags(Telemetry.Tag("reason", NameOf(reason))))];

    private static string NameOf<T>(T reason)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    private sealed class Tags(params KeyValuePair<string, object?>[] values)
    {
        public KeyValuePair<string, object?>[] Values { get; } = values;
    }

    private sealed class KeyUse(string workspaceId, string keyId)
    {
        private long lastUsed;

        public KeyValuePair<string, object?>[] Tags { get; } = [Telemetry.Tag("key_id", keyId), Telemetry.Tag(Telemetry.Workspace, workspaceId)];

        /// <summary>In Unix milliseconds.</summary>
        public long LastUsed
        {
            get => Volatile.Read(ref lastUsed);
            set => Volatile.Write(ref lastUsed, value);
        }
    }
}

/// <summary>Why a signature was refused. The sender is told none of it.</summary>
internal enum SignatureFailure
{
    /// <summary>The header is not there.</summary>
    Missing,

    /// <summary>It is not 64 hexadecimal digits.</summary>
    Malformed,

    /// <summary>No key of the workspace made it.</summary>
    Wrong,

    /// <summary>No key is configured for the workspace of the URL.</summary>
    UnknownWorkspace,

    /// <summary>Too many bad ones came from the address.</summary>
    Limited,
}

/// <summary>Why a callback was refused that may well have been signed.</summary>
internal enum Refusal
{
    /// <summary>413.</summary>
    TooLarge,

    /// <summary>408.</summary>
    TooSlow,

    /// <summary>400: the body did not arrive as HTTP promises it.</summary>
    Unreadable,

    /// <summary>415.</summary>
    Encoded,

    /// <summary>403: the body names another workspace.</summary>
    OtherWorkspace,

    /// <summary>503: no memory for so large a body, too many requests at once on one connection, or the service stops.</summary>
    NoMemory,

    /// <summary>429: too much was hashed for the client network, of which nothing was signed.</summary>
    OverBudget,

    /// <summary>503: the queue is full, or neither PostgreSQL nor the spool could take it.</summary>
    NotStored,
}
