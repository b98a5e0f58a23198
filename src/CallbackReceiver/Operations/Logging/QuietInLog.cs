namespace CallbackReceiver.Operations.Logging;

/// <summary>Marks an endpoint whose requests leave no line in the log at its usual level.</summary>
/// <param name="Status">The only status that is quiet; null where every answer is.</param>
internal sealed record QuietInLog(int? Status = null)
{
    public bool Covers(int status) => Status is null || Status == status;
}
