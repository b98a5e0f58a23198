namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// Lets the runtime go on after an answer on the thread that saw it come, which saves the load generator a third of its processor time: what
/// it takes is taken from what is measured. It is for this process alone.
/// </summary>
internal static class CheapSockets
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>To be called before the first socket.</summary>
    public static void Use() => Environment.SetEnvironmentVariable(Variable, "1");

    /// <summary>Takes it out of what a child is given.</summary>
    public static void Remove(IDictionary<string, string?> environment) => environment.Remove(Variable);
}
