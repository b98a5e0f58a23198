using System.Diagnostics;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>
/// The folder of one run. Every process of the run has its working folder in it and is known by that. In whatever way this process ends,
/// by Ctrl+C, an exception or kill -9, a watcher that outlives it kills what still runs there, stopped processes too, and removes the folder.
/// </summary>
internal sealed class RunFolder : IAsyncDisposable
{
    // `cat` ends when the other end of its input is closed, which the kernel does when this process is gone.
    private const string Watcher = """
        trap '' HUP INT TERM
        cat >/dev/null
        again=yes
        while [ "$again" ]; do
          again=
          for process in /proc/[0-9]*; do
            case "$(readlink "$process/cwd" 2>/dev/null)/" in
              "$1"/*) kill -KILL "${process#/proc/}" 2>/dev/null && again=yes;;
            esac
          done
          [ "$again" ] && sleep 0.1
        done
        while read -r _ mount _; do
          case "$mount" in "$1"/*) umount -l "$mount";; esac
        done </proc/mounts
        rm -rf "$1"
        """;

    private readonly Process watcher;

    public RunFolder()
    {
        // Where PostgreSQL's own user can reach it, on a disk: /var/tmp never is in memory (file-hierarchy(7)).
        Path = System.IO.Path.Combine("/var/tmp", $"callback-receiver-faults-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
        watcher = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Watcher, "sh", Path]) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
    }

    public string Path { get; }

    public async ValueTask DisposeAsync()
    {
        watcher.StandardInput.Close();
        await watcher.WaitForExitAsync();
        watcher.Dispose();
    }
}
