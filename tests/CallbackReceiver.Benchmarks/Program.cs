using System.CommandLine;
using CallbackReceiver.Benchmarks.Baselines;
using CallbackReceiver.Benchmarks.Cost;
using CallbackReceiver.Benchmarks.EndToEnd;
using CallbackReceiver.Benchmarks.Ingest;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Benchmarks.Micro;
using CallbackReceiver.Benchmarks.Query;
using CallbackReceiver.Benchmarks.Soak;

// Not a command of the command line below, whose own handling of signals would come before the server's.
if (args is [BaselineServer.Command, var variant])
{
    await BaselineServer.RunAsync(variant);
    return 0;
}

CheapSockets.Use();
var root = new RootCommand("Measures the callback receiver beside baselines, and checks that what was answered is stored.")
{
    IngestCommand.Create(),
    EndToEndCommand.Create(),
    QueryCommand.Create(),
    SoakCommand.Create(),
    CostCommand.Create(),
    MicroCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
