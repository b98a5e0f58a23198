using System.CommandLine;

namespace SeaMeet.Cli.Callbacks;

/// <summary><c>seameet callback</c>: what a receiver needs to be tried and mended.</summary>
internal static class CallbackCommand
{
    public static Command Create() => new("callback", "Signs, sends and verifies callbacks.") { };
}
