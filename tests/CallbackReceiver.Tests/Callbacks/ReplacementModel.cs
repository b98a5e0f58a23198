using System.Text;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>What is shown of a string that PostgreSQL's text cannot hold, by the design's words and independent of the service's code.</summary>
internal static class ReplacementModel
{
    /// <returns>The string with U+FFFD for each U+0000 and each half of a surrogate pair that lacks the other half.</returns>
    public static string Shown(string sent)
    {
        var shown = new StringBuilder(sent.Length);
        for (var i = 0; i < sent.Length; i++)
        {
            if (char.IsHighSurrogate(sent[i]) && i + 1 < sent.Length && char.IsLowSurrogate(sent[i + 1]))
                shown.Append(sent[i]).Append(sent[++i]);
            else
                shown.Append(sent[i] == '\0' || char.IsSurrogate(sent[i]) ? '\uFFFD' : sent[i]);
        }

        return shown.ToString();
    }
}
