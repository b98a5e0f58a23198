using System.Net;

namespace SeaMeet;

/// <summary>What kind of answer a call to SeaMeet ended with.</summary>
public enum SeaMeetError
{
    /// <summary>The access token is wrong or has expired (401), or may not do this (403).</summary>
    Unauthorized,

    /// <summary>There is no such meeting in the workspace.</summary>
    MeetingNotFound,

    /// <summary>No recording of that name was uploaded to the meeting.</summary>
    AudioNotFound,

    /// <summary>There is no such job, or nothing at that address.</summary>
    NotFound,

    /// <summary>The upload URL no longer works (403 of the storage).</summary>
    UploadExpired,

    /// <summary>Another recording of that name was uploaded to the meeting already.</summary>
    NameConflict,

    /// <summary>SeaMeet does not accept the request, as it stands, for another reason.</summary>
    Refused,

    /// <summary>SeaMeet cannot be reached, does not answer in time, or answers that it fails.</summary>
    Unavailable,

    /// <summary>SeaMeet answered that it did so, with a body that cannot be read.</summary>
    UnreadableAnswer,
}

/// <summary>A call to SeaMeet that did not succeed.</summary>
public sealed class SeaMeetException(SeaMeetError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of answer it was.</summary>
    public SeaMeetError Error { get; } = error;

    /// <summary>The status of the answer; null where there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>
    /// Whether SeaMeet may have done nevertheless what it was asked for: the answer was lost, say. True only for what was not repeated for
    /// that reason: creating a meeting and running an analysis.
    /// </summary>
    public bool MayHaveBeenDone { get; init; }
}
