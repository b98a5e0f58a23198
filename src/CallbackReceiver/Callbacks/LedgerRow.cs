namespace CallbackReceiver.Callbacks;

/// <summary>One distinct body of a batch, and what the ledger says of it once it is written; until then, what it says if the body is new.</summary>
internal sealed class LedgerRow : IComparable<LedgerRow>
{
    private LedgerRow(Delivery first)
    {
        First = first;
        DeliveryId = first.Id;
        MeetingId = first.Ledger.MeetingId;
        ReceivedAt = first.ReceivedAt;
        IsStored = first.Ledger.Outcome == Outcome.Stored;
    }

    /// <summary>The first delivery of the body in this batch.</summary>
    public Delivery First { get; }

    /// <summary>How many more times the body is in this batch.</summary>
    public int Repeats { get; private set; }

    /// <summary>The delivery that the ledger holds for the body: <see cref="First"/>, or an earlier one.</summary>
    public Guid DeliveryId { get; set; }

    /// <summary>The meeting that the ledger holds for the body.</summary>
    public string? MeetingId { get; set; }

    /// <summary>When the ledger says that it was received.</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>Whether the ledger holds the body as an analysis that is stored.</summary>
    public bool IsStored { get; set; }

    /// <summary>Whether <see cref="First"/> is what the ledger holds, written now or by an attempt whose answer was lost.</summary>
    public bool IsFirst => DeliveryId == First.Id;

    /// <returns>The distinct bodies, in the order in which every writer locks their rows.</returns>
    public static List<LedgerRow> Distinct(IReadOnlyList<Delivery> deliveries)
    {
        var all = deliveries.Select(delivery => new LedgerRow(delivery)).Order().ToList();
        var distinct = new List<LedgerRow>(all.Count);
        foreach (var row in all)
        {
            if (distinct.Count > 0 && distinct[^1].CompareTo(row) == 0)
                distinct[^1].Repeats++;
            else
                distinct.Add(row);
        }

        return distinct;
    }

    public static LedgerRow Find(List<LedgerRow> rows, string workspaceId, ReadOnlySpan<byte> sha256)
    {
        var (low, high) = (0, rows.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = rows[middle].CompareTo(workspaceId, sha256);
            if (order == 0)
                return rows[middle];
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        throw new InvalidOperationException("PostgreSQL returned a delivery that is not in the batch.");
    }

    /// <summary>The order in which every writer locks the meetings, and of each the order of receiving.</summary>
    public static int ByMeeting(LedgerRow one, LedgerRow other)
    {
        var order = string.CompareOrdinal(one.First.WorkspaceId, other.First.WorkspaceId);
        if (order == 0)
            order = string.CompareOrdinal(one.MeetingId, other.MeetingId);
        return order != 0 ? order : one.ReceivedAt.CompareTo(other.ReceivedAt);
    }

    public bool IsOfSameMeeting(LedgerRow other) => First.WorkspaceId == other.First.WorkspaceId && MeetingId == other.MeetingId;

    public int CompareTo(LedgerRow? other) => other is null ? 1 : CompareTo(other.First.WorkspaceId, other.First.Sha256);

    private int CompareTo(string workspaceId, ReadOnlySpan<byte> sha256)
    {
        var order = string.CompareOrdinal(First.WorkspaceId, workspaceId);
        return order != 0 ? order : First.Sha256.AsSpan().SequenceCompareTo(sha256);
    }
}
