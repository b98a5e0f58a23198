using System.Runtime.InteropServices;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>Who this process runs as, for messages about files that it cannot use.</summary>
internal static partial class ProcessUser
{
    public static string Name => OperatingSystem.IsWindows() ? Environment.UserName : $"uid {GetEffectiveUserId()}";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
