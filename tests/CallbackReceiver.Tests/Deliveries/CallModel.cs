namespace CallbackReceiver.Tests.Deliveries;

/// <summary>One act on one of two replicas.</summary>
internal enum Act
{
    Receive,
    ReceiveUnfit,
    ReceiveAgain,
    Cut,
    Mend,
    Erase,
    Age,
    Replay,
}

/// <summary>An act, and what it is about.</summary>
internal sealed record Step(Act Act, int Replica, int Meeting);

/// <summary>What the design says of a body that was answered with 2xx.</summary>
internal enum Fate
{
    /// <summary>It can be read.</summary>
    Kept,

    /// <summary>It can be read nowhere.</summary>
    Gone,

    /// <summary>It was too old while it waited in a spool: it goes with its meeting, or stays with one that was analysed again meanwhile.</summary>
    TooOld,
}

/// <summary>A body that was answered with 2xx.</summary>
internal sealed class SentBody(string meetingId, string mark, byte[] bytes, bool isAnalysis)
{
    public string MeetingId => meetingId;

    /// <summary>A word that stands in it, and in no other.</summary>
    public string Mark => mark;

    public byte[] Bytes => bytes;

    public bool IsAnalysis => isAnalysis;

    public Guid DeliveryId { get; set; }

    /// <summary>Whether PostgreSQL has it for sure; else a spool does, or did.</summary>
    public bool IsStored { get; set; }

    public Fate Fate { get; set; }

    public override string ToString() => $"{Mark} of {MeetingId}, {(IsAnalysis ? "an analysis" : "unfit")}, {DeliveryId}, {Fate}";
}

/// <summary>What the design says of all that was sent: plain lists, without a spool, a projection or a second replica.</summary>
internal sealed class CallModel
{
    public List<SentBody> Sent { get; } = [];

    public void Erase(string meetingId) => OfMeeting(meetingId).ForEach(sent => sent.Fate = Fate.Gone);

    public void Age() => Sent.FindAll(sent => sent.Fate == Fate.Kept).ForEach(sent => sent.Fate = sent.IsStored ? Fate.Gone : Fate.TooOld);

    public List<SentBody> OfMeeting(string meetingId) => Sent.FindAll(sent => sent.MeetingId == meetingId);

    /// <summary>A meeting that nobody has analysed again goes with what was too old.</summary>
    public void Conclude()
    {
        foreach (var sent in Sent.FindAll(sent => sent.Fate == Fate.TooOld))
        {
            if (!sent.IsAnalysis || !OfMeeting(sent.MeetingId).Exists(other => other is { IsAnalysis: true, Fate: Fate.Kept }))
                sent.Fate = Fate.Gone;
        }
    }
}
