using System.Diagnostics.CodeAnalysis;

namespace CallbackReceiver.Meetings;

/// <summary>A meeting's id in a URL. Routing leaves an encoded slash as it is, and an id may hold one.</summary>
internal readonly record struct MeetingId(string Value) : IParsable<MeetingId>
{
    public static MeetingId Parse(string s, IFormatProvider? provider) => new(s.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MeetingId result)
    {
        result = s is null ? default : Parse(s, provider);
        return s is not null;
    }
}
