using System.CommandLine;

namespace SeaMeet.Cli.Callbacks;

/// <summary><c>seameet callback verify</c>: whether a signature is right, and if not, what is at fault.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The body as it was received." };
        var signature = new Option<string>("--signature") { Description = $"The value of {CallbackSignature.HeaderName}.", Required = true };
        var key = CallbackCommand.SigningKey();
        var command = new Command("verify", "Verifies a body's signature; where it is wrong, says whether the key, the bytes or the encoding is at fault. Exits 19 where it is wrong.")
        {
            file, signature, key.File,
        };
        command.SetAction(arguments =>
        {
            var diagnosis = SignatureDiagnosis.Of(CallbackCommand.ReadBody(arguments.GetRequiredValue(file)), key.Read(arguments), arguments.GetRequiredValue(signature));
            var isRight = diagnosis.Fault == SignatureFault.None;
            (isRight ? Console.Out : Console.Error).WriteLine(diagnosis.Explanation);
            return isRight ? ExitCode.Success : ExitCode.SignatureWrong;
        });
        return command;
    }
}
