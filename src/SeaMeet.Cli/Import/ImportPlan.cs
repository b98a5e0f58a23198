namespace SeaMeet.Cli.Import;

/// <summary>What an import does with each recording.</summary>
internal sealed record ImportPlan
{
    public required Uri Api { get; init; }

    public required string WorkspaceId { get; init; }

    /// <summary>Makes the meeting of a recording.</summary>
    public required Func<AudioFile, NewMeeting> Meeting { get; init; }

    /// <summary>Makes the analysis of a recording that was uploaded under a name.</summary>
    public required Func<AudioFile, string, AnalysisRequest> Analysis { get; init; }

    /// <summary>A meeting that exists already, for the only recording.</summary>
    public string? MeetingId { get; init; }

    /// <summary>The name of the only recording within its meeting.</summary>
    public string? FileName { get; init; }

    /// <summary>Whether the meeting's recording is there already, and nothing is uploaded.</summary>
    public bool UsesExistingAudio { get; init; }

    public WaitFor WaitFor { get; init; }

    /// <summary>Whether what may or may not have been done is done again.</summary>
    public bool RetryUncertain { get; init; }

    /// <summary>Whether recordings that were imported are imported once more.</summary>
    public bool Again { get; init; }

    public TimeSpan PollInterval { get; init; }

    public TimeSpan WaitLimit { get; init; }
}
