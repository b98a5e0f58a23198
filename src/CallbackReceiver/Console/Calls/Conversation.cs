using CallbackReceiver.Answers;
using CallbackReceiver.Meetings;

namespace CallbackReceiver.WebConsole.Calls;

/// <summary>A transcript as a conversation, with speakers told apart and what is looked for marked.</summary>
internal sealed class Conversation
{
    private const int Colours = 6;
    private const int MostLinks = 30;

    private readonly List<string?> speakers = [];
    private readonly List<int> found = [];

    private Conversation()
    {
    }

    /// <summary>The turns.</summary>
    public Html Turns { get; } = $"";

    /// <summary>How many turns have what is looked for.</summary>
    public int Found => found.Count;

    /// <summary>The first turns that have it, to jump to.</summary>
    public IEnumerable<Html> Jumps => found.Take(MostLinks).Select(JumpTo);

    public static Conversation Of(JsonText transcript, IReadOnlyList<string> words)
    {
        var conversation = new Conversation();
        var number = 0;
        TranscriptText.Read(transcript, segment => conversation.Add(++number, segment, words));
        return conversation;
    }

    private void Add(int number, SegmentView segment, IReadOnlyList<string> words)
    {
        var hits = Hits.In(segment.Text, words);
        if (hits.Count > 0)
            found.Add(number);
        if (!speakers.Contains(segment.Speaker))
            speakers.Add(segment.Speaker);
        var colour = speakers.IndexOf(segment.Speaker) % Colours;
        Turns.AppendFormatted($"""<div class="turn s{colour}" id="t{number}"><b>{segment.Speaker ?? "–"}</b><p>{hits.Marked}</p></div>""");
    }

    private static Html JumpTo(int number, int place) => $"""<a href="#t{number}">{place + 1}</a> """;
}
