using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace CallbackReceiver.Benchmarks.Micro;

/// <summary>Time and allocated bytes of verifying and parsing, by BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var command = new Command("micro", "Time and allocated bytes of verify and parse. Further arguments go to BenchmarkDotNet.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(arguments =>
        {
            // In this process: allocated bytes are exact there too, and no second project has to be built.
            var config = ManualConfig.Create(DefaultConfig.Instance)
                .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                .AddDiagnoser(MemoryDiagnoser.Default)
                .AddColumn(new StoredBytesColumn());
            var summaries = BenchmarkSwitcher.FromTypes([typeof(ReceiveBenchmarks)]).Run([.. arguments.UnmatchedTokens, .. DefaultFilter(arguments.UnmatchedTokens)], config);
            return summaries.Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
        });
        return command;
    }

    private static string[] DefaultFilter(IReadOnlyList<string> arguments) => arguments.Any(argument => argument is "--filter" or "-f" or "--list") ? [] : ["--filter", "*"];
}
