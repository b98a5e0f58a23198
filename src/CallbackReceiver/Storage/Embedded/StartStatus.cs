namespace CallbackReceiver.Storage.Embedded;

/// <summary>What the start of the server waits for, for people who ask.</summary>
internal sealed class StartStatus(TimeProvider time)
{
    private volatile Step? step = new("PostgreSQL is about to be started", null, time.GetTimestamp());

    /// <summary>Null while the server serves.</summary>
    public string? Text => step is { } now
        ? $"{now.Name}, for {time.GetElapsedTime(now.Since).TotalSeconds:0} s{(now.Detail is null ? "" : $": {now.Detail}")}"
        : null;

    public void Enter(string name) => step = new Step(name, null, time.GetTimestamp());

    /// <summary>Says how far the step is.</summary>
    public void Report(string? detail)
    {
        if (detail is not null && step is { } now)
            step = now with { Detail = detail };
    }

    public void Serves() => step = null;

    private sealed record Step(string Name, string? Detail, long Since);
}
