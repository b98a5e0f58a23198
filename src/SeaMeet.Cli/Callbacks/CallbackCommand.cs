using System.CommandLine;

namespace SeaMeet.Cli.Callbacks;

/// <summary><c>seameet callback</c>: what a receiver needs to be tried and mended.</summary>
internal static class CallbackCommand
{
    public static Command Create() => new("callback", "Signs and sends callbacks, and finds out why one does not verify.") { new SendCommand().Build(), VerifyCommand.Create() };

    public static Secret SigningKey() => new("workspace's signing key", "--signing-key-file", "SEAMEET_SIGNING_KEY");

    /// <summary>The bytes of a body, which are what is signed.</summary>
    public static byte[] ReadBody(FileInfo file)
    {
        try
        {
            return File.ReadAllBytes(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.FileMissing, $"'{file}' cannot be read: {exception.Message}");
        }
    }
}
