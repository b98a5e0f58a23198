namespace SeaMeet.Cli;

/// <summary>The exit codes; docs/seameet.md lists them.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Usage = 2;
    public const int FileMissing = 3;
    public const int NotAudio = 4;
    public const int TooLong = 5;
    public const int Unauthorized = 6;
    public const int UploadExpired = 7;
    public const int MeetingNotFound = 8;
    public const int AudioNotFound = 9;
    public const int NotFound = 10;
    public const int JobFailed = 11;
    public const int JobUnfinished = 12;
    public const int Unavailable = 13;
    public const int Refused = 14;
    public const int Uncertain = 15;
    public const int ReceiverUnreachable = 16;
    public const int NotArrived = 17;
    public const int ReceiverRefused = 18;
    public const int SignatureWrong = 19;
    public const int CallbackRefused = 20;
    public const int Various = 21;
    public const int BrokenOff = 130;

    /// <summary>The exit code of a failure whose message is for people.</summary>
    /// <returns>Null for one that is a defect of this command, and wants a stack trace.</returns>
    public static int? Of(Exception exception) => exception switch
    {
        CommandException failure => failure.ExitCode,
        AudioException audio => Of(audio.Problem),
        SeaMeetException { MayHaveBeenDone: true } => Uncertain,
        SeaMeetException seaMeet => Of(seaMeet.Error),
        ArgumentException { ParamName: "id" } => Usage, // an id that the client does not let into an address
        _ => null,
    };

    private static int Of(AudioProblem problem) => problem switch
    {
        AudioProblem.Missing => FileMissing,
        AudioProblem.TooLong => TooLong,
        _ => NotAudio,
    };

    private static int Of(SeaMeetError error) => error switch
    {
        SeaMeetError.Unauthorized => Unauthorized,
        SeaMeetError.MeetingNotFound => MeetingNotFound,
        SeaMeetError.AudioNotFound => AudioNotFound,
        SeaMeetError.NotFound => NotFound,
        SeaMeetError.UploadExpired => UploadExpired,
        SeaMeetError.Unavailable => Unavailable,
        _ => Refused,
    };
}

/// <summary>A failure whose message is for people.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
