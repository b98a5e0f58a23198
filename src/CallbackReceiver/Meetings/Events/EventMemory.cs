namespace CallbackReceiver.Meetings.Events;

/// <summary>
/// Bounds what the events take that are being sent, whatever their listeners do: where it is too much, who has been at it for the longest is
/// cut off, of the workspace that takes the most, and comes again when it reads again.
/// </summary>
internal sealed class EventMemory
{
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly LinkedList<Sent> underWay = new();
    private readonly Dictionary<EventBatch, LinkedListNode<Sent>> nodes = new(ReferenceEqualityComparer.Instance);
    private long bytes;

    /// <summary>To be called before a batch is sent. What is disposed when it is sent says whether the sending must end.</summary>
    public Sending Begin(EventBatch batch)
    {
        List<Sent> cut;
        LinkedListNode<Sent> node;
        lock (gate)
        {
            if (!nodes.TryGetValue(batch, out node!))
            {
                nodes.Add(batch, node = underWay.AddLast(new Sent(batch)));
                bytes += batch.Bytes;
            }

            node.Value.Listeners++;
            cut = TakeExcess(node.Value);
        }

        foreach (var sent in cut)
            sent.Cut.Cancel();
        return new Sending(this, node.Value);
    }

    private List<Sent> TakeExcess(Sent spared)
    {
        var cut = new List<Sent>();
        while (bytes > MaxBytes && underWay.Where(sent => sent != spared).GroupBy(sent => sent.Batch.WorkspaceId).MaxBy(sent => sent.Sum(one => one.Batch.Bytes))?.First() is { } oldest)
        {
            cut.Add(oldest);
            Remove(oldest);
        }

        return cut;
    }

    private void End(Sent sent)
    {
        lock (gate)
        {
            if (--sent.Listeners == 0)
                Remove(sent);
        }
    }

    private void Remove(Sent sent)
    {
        if (!nodes.Remove(sent.Batch, out var node))
            return; // it was cut off
        underWay.Remove(node);
        bytes -= sent.Batch.Bytes;
    }

    /// <summary>A batch and how many listeners it is being sent to.</summary>
    internal sealed class Sent(EventBatch batch)
    {
        public EventBatch Batch => batch;

        public CancellationTokenSource Cut { get; } = new();

        public int Listeners { get; set; }
    }

    /// <summary>That a batch is being sent to one listener.</summary>
    internal readonly struct Sending(EventMemory memory, Sent sent) : IDisposable
    {
        /// <summary>Says that the listener must be cut off.</summary>
        public CancellationToken Cut => sent.Cut.Token;

        public void Dispose() => memory.End(sent);
    }
}
