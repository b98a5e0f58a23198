using System.CommandLine;
using System.Text;

namespace SeaMeet.Cli.Samples;

/// <summary><c>seameet sample</c>: writes a recording to try things out with.</summary>
internal static class SampleCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The WAV file to write." };
        var seconds = Setting.Count("--seconds", "Its length.", 3);
        var channels = Setting.Count("--channels", "Its channels.", 1);
        var command = new Command("sample", "Writes a WAV file with a tone, to try things out with.") { file, seconds, channels };
        command.SetAction(arguments =>
        {
            var path = arguments.GetRequiredValue(file).FullName;
            try
            {
                using var content = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
                Tone.Write(content, arguments.GetValue(seconds), arguments.GetValue(channels));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.FileMissing, $"'{path}' cannot be written: {exception.Message}");
            }

            return ExitCode.Success;
        });
        return command;
    }
}

/// <summary>A tone as WAV: 8 kHz, 16 bit, as telephones have it.</summary>
internal static class Tone
{
    private const int SampleRate = 8000;
    private const double Frequency = 440;
    private const int Volume = 8000;

    public static void Write(Stream stream, int seconds, int channels)
    {
        var bytesPerSecond = SampleRate * channels * sizeof(short);
        using var writer = new BinaryWriter(new BufferedStream(stream), Encoding.ASCII);
        writer.Write("RIFF"u8);
        writer.Write((uint)(36 + ((long)seconds * bytesPerSecond)));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)channels);
        writer.Write(SampleRate);
        writer.Write(bytesPerSecond);
        writer.Write((short)(channels * sizeof(short)));
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write((uint)((long)seconds * bytesPerSecond));
        for (var i = 0L; i < (long)seconds * SampleRate; i++)
        {
            for (var channel = 0; channel < channels; channel++)
                writer.Write((short)(Volume * Math.Sin(2 * Math.PI * Frequency * i / SampleRate)));
        }
    }
}
