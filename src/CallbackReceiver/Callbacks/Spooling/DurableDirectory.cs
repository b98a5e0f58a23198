using System.Runtime.InteropServices;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>Makes the names in a folder as durable as the files behind them.</summary>
internal static partial class DurableDirectory
{
    private const int ReadOnly = 0;

    /// <summary>fsync of the folder: after a rename, this is what makes the new name survive a power cut. Windows needs none.</summary>
    /// <exception cref="IOException">The folder could not be synchronised.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw new IOException($"open: error {Marshal.GetLastPInvokeError()}");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"fsync: error {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
