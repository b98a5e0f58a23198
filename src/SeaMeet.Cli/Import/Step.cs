using System.Text.Json.Serialization;

namespace SeaMeet.Cli.Import;

/// <summary>How far a recording has come. The order is that of the steps.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Step>))]
internal enum Step
{
    /// <summary>Nothing was done, or it is certain that what was tried was not.</summary>
    None,

    /// <summary>The meeting is being created. What is found so has lost its answer: it may exist.</summary>
    Creating,

    /// <summary>The meeting exists.</summary>
    Created,

    /// <summary>The recording is uploaded.</summary>
    Uploaded,

    /// <summary>The analysis is being started. What is found so has lost its answer: it may be under way.</summary>
    Starting,

    /// <summary>The job is known.</summary>
    Started,

    /// <summary>The job has failed.</summary>
    Failed,

    /// <summary>The job has finished.</summary>
    Finished,

    /// <summary>The analysis is at the receiver.</summary>
    Arrived,
}
