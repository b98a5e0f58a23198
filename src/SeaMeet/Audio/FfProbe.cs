using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SeaMeet;

/// <summary>What <c>ffprobe</c> says of a file that is not WAV, where the machine has it.</summary>
/// <param name="HasAudio">Whether there is a sound track.</param>
/// <param name="Channels">Its number of channels; null where ffprobe does not say.</param>
/// <param name="SampleRate">In hertz.</param>
/// <param name="Encoding">ffmpeg's name of the codec.</param>
/// <param name="Duration">The length.</param>
internal sealed record FfProbe(bool HasAudio, int? Channels, int? SampleRate, string? Encoding, TimeSpan? Duration)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Null where there is no ffprobe, or it cannot make anything of the file in time.</returns>
    public static async Task<FfProbe?> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo("ffprobe",
                ["-v", "error", "-show_entries", "format=duration:stream=codec_type,codec_name,channels,sample_rate", "-of", "json", Path.GetFullPath(path)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var answer = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await errors;
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? Parse(answer) : null;
        }
        catch (Exception exception) when (exception is Win32Exception or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            if (process is { HasExited: false })
                process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }

    internal static FfProbe Parse(string json)
    {
        using var answer = JsonDocument.Parse(json);
        var streams = answer.RootElement.TryGetProperty("streams", out var list) ? list.EnumerateArray().ToList() : [];
        var audio = streams.Find(stream => Text(stream, "codec_type") == "audio");
        var hasAudio = audio.ValueKind == JsonValueKind.Object;
        var seconds = answer.RootElement.TryGetProperty("format", out var format)
            && double.TryParse(Text(format, "duration"), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
        return new FfProbe(
            hasAudio,
            hasAudio && audio.TryGetProperty("channels", out var channels) && channels.TryGetInt32(out var count) ? count : null,
            hasAudio && int.TryParse(Text(audio, "sample_rate"), CultureInfo.InvariantCulture, out var rate) ? rate : null,
            hasAudio ? Text(audio, "codec_name") : null,
            seconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : null);
    }

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
