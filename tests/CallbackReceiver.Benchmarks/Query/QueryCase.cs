namespace CallbackReceiver.Benchmarks.Query;

/// <summary>A question that dashboards ask, and what its answers are held against.</summary>
/// <param name="Name">For the reader of the figures.</param>
/// <param name="Target">The most that its 95th percentile may be, in milliseconds; null where nothing is promised.</param>
/// <param name="Variants">The requests, sent in turn, so that not one page of memory answers them all.</param>
/// <param name="Count">Counts through the API what a request finds.</param>
internal sealed record QueryCase(string Name, double? Target, IReadOnlyList<CaseVariant> Variants, AnswerCount Count);

/// <summary>One of the requests of a case.</summary>
/// <param name="Path">What follows the list of workspaces.</param>
/// <param name="Naive">Counts the same.</param>
internal sealed record CaseVariant(string Path, NaiveQuery Naive);

/// <summary>Counts through the API what a request finds.</summary>
internal delegate Task<long> AnswerCount(ReaderClient reader, string path, CancellationToken cancellationToken);
