using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Benchmarks.Baselines;

/// <summary>Stores one delivery.</summary>
internal interface IBaselineStore
{
    /// <returns>The receipt, once the delivery is committed.</returns>
    Task<Receipt> StoreAsync(Delivery delivery, CancellationToken cancellationToken);
}
