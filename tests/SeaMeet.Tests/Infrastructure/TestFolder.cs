using SeaMeet.Cli.Samples;

namespace SeaMeet.Tests.Infrastructure;

/// <summary>A folder of one test's own, gone with it.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("seameet-tests-");

    public string Path => folder.FullName;

    public string JournalPath => In("journal");

    public string In(string name) => System.IO.Path.Combine(folder.FullName, name);

    public string WriteTone(string name = "call.wav", int seconds = 1, int channels = 1)
    {
        using var file = new FileStream(In(name), FileMode.CreateNew);
        Tone.Write(file, seconds, channels);
        return In(name);
    }

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(In(name), content);
        return In(name);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
