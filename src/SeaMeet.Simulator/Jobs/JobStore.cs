using System.Collections.Concurrent;

namespace SeaMeet.Simulator.Jobs;

/// <summary>The jobs, in memory only.</summary>
internal sealed class JobStore
{
    private readonly ConcurrentDictionary<(string WorkspaceId, string JobId), SimulatedJob> jobs = new();

    public void Add(SimulatedJob job) => jobs[(job.Meeting.WorkspaceId, job.Id)] = job;

    public SimulatedJob? Find(string workspaceId, string jobId) => jobs.GetValueOrDefault((workspaceId, jobId));

    public IEnumerable<KeyValuePair<JobStatus, int>> ByStatus() => jobs.Values.CountBy(job => job.Status);
}
