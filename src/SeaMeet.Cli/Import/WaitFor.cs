namespace SeaMeet.Cli.Import;

/// <summary>What an import waits for before it counts as done.</summary>
internal enum WaitFor
{
    /// <summary>Nothing: the analysis has been started.</summary>
    Nothing,

    /// <summary>The end of the job.</summary>
    Job,

    /// <summary>The analysis, at the receiver.</summary>
    Analysis,
}
