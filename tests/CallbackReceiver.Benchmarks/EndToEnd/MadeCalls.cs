using System.Text;
using System.Text.Json;
using CallbackReceiver.Benchmarks.Query.Data;

namespace CallbackReceiver.Benchmarks.EndToEnd;

/// <summary>Bodies of callbacks, made before anything is measured: half of the calls in Chinese, half in English.</summary>
internal static class MadeCalls
{
    public static IReadOnlyList<byte[]> Make(string workspaceId, int count)
    {
        var bodies = new byte[count][];
        Parallel.For(
            0, count,
            () => new CallBody(workspaceId, EndToEndPlan.BodyLength, [new ChineseCalls(), new EnglishCalls()]),
            (number, _, maker) =>
            {
                bodies[number] = maker.Make(number);
                return maker;
            },
            _ => { });
        return bodies;
    }

    /// <summary>What is searched of a call: its texts in lower case, each in a line.</summary>
    public static string TextOf(JsonElement payload)
    {
        var text = new StringBuilder();
        foreach (var name in (string[])["title", "summary", "agent_performance_feedback", "risk_factor"])
            text.Append(payload.GetProperty(name).GetString()).Append('\n');
        foreach (var segment in payload.GetProperty("transcript").EnumerateArray())
            text.Append(segment.GetProperty("text").GetString()).Append('\n');
        return text.ToString().ToLowerInvariant();
    }
}
