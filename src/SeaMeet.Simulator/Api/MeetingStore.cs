using System.Collections.Concurrent;

namespace SeaMeet.Simulator.Api;

/// <summary>The meetings, in memory only.</summary>
internal sealed class MeetingStore
{
    private readonly ConcurrentDictionary<(string WorkspaceId, string MeetingId), SimulatedMeeting> meetings = new();
    private int created;
    private int deleted;

    public int Created => created;

    public int Deleted => deleted;

    public IEnumerable<SimulatedMeeting> All => meetings.Values;

    public void Add(SimulatedMeeting meeting)
    {
        meetings[(meeting.WorkspaceId, meeting.Id)] = meeting;
        Interlocked.Increment(ref created);
    }

    public SimulatedMeeting? Find(string workspaceId, string meetingId) => meetings.GetValueOrDefault((workspaceId, meetingId));

    public bool Remove(string workspaceId, string meetingId)
    {
        if (!meetings.TryRemove((workspaceId, meetingId), out _))
            return false;
        Interlocked.Increment(ref deleted);
        return true;
    }
}

/// <summary>A meeting with what was uploaded to it. Of a recording, only what it was is kept.</summary>
internal sealed record SimulatedMeeting(string WorkspaceId, string Id, string Name, string Language)
{
    /// <summary>The recordings by name.</summary>
    public ConcurrentDictionary<string, UploadedAudio> Audio { get; } = new();

    /// <summary>How many analyses were started.</summary>
    public int Jobs => jobs;

    private int jobs;

    public void CountJob() => Interlocked.Increment(ref jobs);
}

/// <summary>A recording that was uploaded.</summary>
internal sealed record UploadedAudio(string Name, long Length, string Sha256, DateTimeOffset At);
