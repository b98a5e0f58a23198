using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SeaMeet.Cli.Samples;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.EndToEnd;

/// <summary>Many recordings, and large ones.</summary>
[Collection<WithReceiver>]
public sealed class ManyRecordingsTests(ReceiverFixture receivers) : IDisposable
{
    private const int Recordings = 1000;
    private const int SecondsEach = 8; // 128 KB: all of them would be 128 MB
    private const long MostGrowth = 48L << 20;

    private readonly TestFolder folder = new();

    [Fact]
    public async Task A_thousand_recordings_are_imported_under_faults_with_each_meeting_created_once_and_memory_flat()
    {
        var receiver = await receivers.StartedAsync();
        var faults = ((string Operation, double Uncertain)[])[("CreateMeeting", 0.003), ("CreateUploadUrl", 0.02), ("Upload", 0.02), ("RunAnalysis", 0.003), ("GetJob", 0.02)];
        await using var simulator = await SimulatorProcess.StartAsync(receiver.Address,
        [
            .. faults.SelectMany(fault => (string[])["FailBefore", "FailAfter", "ResetBefore", "ResetAfter"], (fault, kind) => ($"Faults:{fault.Operation}:{kind}", (object)fault.Uncertain)),
            .. faults.SelectMany(fault => (string[])["Unavailable", "Late"], (fault, kind) => ($"Faults:{fault.Operation}:{kind}", (object)0.03)),
            .. faults.Select(fault => ($"Faults:{fault.Operation}:Delay", (object)"00:00:00.2")),
        ]);
        var expected = WriteRecordings();
        var seameet = Seameet.For(simulator, receiver.Address);
        string[] import = ["import", "--journal", folder.JournalPath, "--poll-interval", "0.2", "--retry-delay", "0.05", "--timeout", "30", "--parallel", "8", "--json"];

        // At the first time, what lost its answer stays uncertain, and is named.
        var memory = (Early: 0L, Late: 0L);
        var first = await seameet.RunAsync(
            async process => memory = (await WorkingSetAsync(process, simulator, Recordings / 4), await WorkingSetAsync(process, simulator, Recordings * 9 / 10)), [.. import, folder.In("calls")]);
        var lines = first.Json;
        Assert.Equal(Recordings, lines.Count);
        var uncertain = lines.Where(line => (int)line["exit_code"]! != 0).ToList();
        Assert.All(uncertain, line => Assert.Equal(15, (int)line["exit_code"]!));
        Assert.Equal(uncertain.Count == 0 ? 0 : 15, first.ExitCode);
        TestContext.Current.TestOutputHelper?.WriteLine($"{memory.Early >> 20} MB after a quarter, {memory.Late >> 20} MB near the end; {uncertain.Count} uncertain");
        Assert.True(memory.Late - memory.Early < MostGrowth, $"from {memory.Early >> 20} MB after a quarter to {memory.Late >> 20} MB near the end");

        // What a person does then: look at SeaMeet, and say for each whether it is there.
        var created = (await simulator.MeetingsAsync()).ToLookup(meeting => (string)meeting["name"]!, meeting => (string)meeting["id"]!);
        Assert.All(created, meetings => Assert.Single(meetings));
        foreach (var file in uncertain.Where(line => line["meeting_id"] is null).Select(line => (string)line["file"]!))
        {
            if (created[Path.GetFileNameWithoutExtension(file)].SingleOrDefault() is { } id)
                await UntilDoneAsync(seameet, [.. import, file, "--meeting-id", id]);
        }

        await UntilDoneAsync(seameet, [.. import, folder.In("calls"), "--retry-uncertain"], simulator);

        var meetings = await simulator.MeetingsAsync();
        Assert.Equal(Recordings, meetings.Count);
        Assert.Equal(expected, meetings.ToDictionary(meeting => (string)meeting["name"]!, AudioOf));
    }

    [Fact]
    public async Task A_large_recording_is_uploaded_from_disk_without_being_held_in_memory()
    {
        await using var simulator = await SimulatorProcess.StartAsync(receiver: null);
        var call = folder.WriteTone("large.wav", seconds: 7200); // the longest that is taken: 115 MB
        using (var stretched = new FileStream(call, FileMode.Open))
        {
            // 16 times the rate makes the same seconds 1.8 GB; the rest of the file is a hole.
            stretched.Position = 24;
            stretched.Write(BitConverter.GetBytes(128_000));
            stretched.Write(BitConverter.GetBytes(256_000));
            stretched.SetLength(44 + (7200L * 256_000));
            stretched.Position = 40;
            stretched.Write(BitConverter.GetBytes((uint)(7200L * 256_000)));
        }

        var peak = 0L;
        var result = await Seameet.For(simulator).RunAsync(
            async process =>
            {
                while (!process.HasExited)
                {
                    process.Refresh();
                    peak = Math.Max(peak, process.HasExited ? 0 : process.WorkingSet64);
                    await Task.Delay(20);
                }
            },
            "import", "--journal", folder.JournalPath, "--poll-interval", "0.1", call);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(new FileInfo(call).Length, (long?)Assert.Single(await simulator.MeetingsAsync())["audio"]![0]!["length"]);
        TestContext.Current.TestOutputHelper?.WriteLine($"at most {peak >> 20} MB");
        Assert.InRange(peak, 1, 250L << 20);
    }

    public void Dispose() => folder.Dispose();

    /// <returns>The SHA-256 of each recording by the name that its meeting is to have.</returns>
    private Dictionary<string, string> WriteRecordings()
    {
        Directory.CreateDirectory(folder.In("calls"));
        using var tone = new MemoryStream();
        Tone.Write(tone, SecondsEach, channels: 1);
        var content = tone.ToArray();
        var digests = new Dictionary<string, string>();
        for (var i = 0; i < Recordings; i++)
        {
            BitConverter.TryWriteBytes(content.AsSpan(100), i);
            folder.Write($"calls/call-{i:0000}.wav", content);
            digests[$"call-{i:0000}"] = Convert.ToHexStringLower(SHA256.HashData(content));
        }

        return digests;
    }

    /// <summary>What the command takes when so many meetings were created; 0 where it has ended before.</summary>
    private static async Task<long> WorkingSetAsync(Process process, SimulatorProcess simulator, int created)
    {
        await Eventually.BecomesAsync(simulator.CountsAsync, counts => process.HasExited || (int)counts["meetings_created"]! >= created);
        process.Refresh();
        return process.HasExited ? 0 : process.WorkingSet64;
    }

    /// <summary>The faults go on, so that one run need not be enough; where a creation becomes uncertain again, the person looks again.</summary>
    private static async Task UntilDoneAsync(Seameet seameet, string[] arguments, SimulatorProcess? simulator = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await seameet.RunAsync(arguments);
            if (result.ExitCode == 0)
                return;
            Assert.True(attempt < 5, result.ToString());
            if (simulator is null)
                continue;
            var there = (await simulator.MeetingsAsync()).ToDictionary(meeting => (string)meeting["name"]!, meeting => (string)meeting["id"]!);
            foreach (var file in result.Json.Where(line => (int)line["exit_code"]! != 0 && line["meeting_id"] is null).Select(line => (string)line["file"]!))
            {
                if (there.TryGetValue(Path.GetFileNameWithoutExtension(file), out var id))
                    await seameet.RunAsync([.. arguments[..^2], file, "--meeting-id", id]);
            }
        }
    }

    /// <summary>Of what was uploaded, all is the same recording; a repeated upload may have another name.</summary>
    private static string AudioOf(JsonObject meeting) => Assert.Single(meeting["audio"]!.AsArray().Select(audio => (string)audio!["sha256"]!).Distinct());
}
