using System.Runtime.InteropServices;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>The signals that the faults are made of, by Linux's numbers (signal(7)).</summary>
internal enum Signal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>kill(2). A process that is gone already is none of the caller's concern.</summary>
internal static partial class Signals
{
    public static void Send(Signal signal, int processId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2); // 0, -1 and 1 mean other things
        _ = Kill(processId, (int)signal);
    }

    public static void Send(Signal signal, IEnumerable<int> processIds)
    {
        foreach (var processId in processIds)
            Send(signal, processId);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
