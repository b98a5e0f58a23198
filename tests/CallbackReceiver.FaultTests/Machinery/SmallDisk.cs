using System.Diagnostics;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>A file system of its own, in memory, that is soon full. Only root may mount one.</summary>
internal static class SmallDisk
{
    /// <returns>Whether it is there now.</returns>
    public static async Task<bool> TryMountAsync(string folder, long bytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        if (!Environment.IsPrivilegedProcess)
            return false;
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", folder]) { RedirectStandardError = true })!;
        await mount.WaitForExitAsync(cancellationToken);
        return mount.ExitCode == 0;
    }
}
