using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>The distinct speakers of a transcript, in order of appearance. Most calls have two: a name already seen makes no new string.</summary>
internal sealed class SpeakerSet
{
    private const int Compared = 4;

    private string[] speakers = new string[Compared];
    private int count;
    private HashSet<string>? many;

    /// <summary>Adds the string that the reader stands at.</summary>
    public void Add(in Utf8JsonReader reader)
    {
        for (var i = 0; i < Math.Min(Compared, count); i++)
        {
            if (reader.ValueTextEquals(speakers[i]))
                return;
        }

        var speaker = reader.GetString()!;
        if (count >= Compared && !(many ??= [.. speakers]).Add(speaker))
            return;
        if (count == speakers.Length)
            Array.Resize(ref speakers, 2 * count);
        speakers[count++] = speaker;
    }

    public string[] ToArray() => speakers[..count];
}
