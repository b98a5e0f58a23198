using System.Globalization;
using System.Text;
using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>
/// Callbacks as the vendor's stack writes them, each with a text of its own: how well a text compresses, and how many words it shares with others, is as
/// with real ones. Not for several threads at once.
/// </summary>
/// <param name="workspaceId">The workspace.</param>
/// <param name="longest">The most bytes of a body.</param>
/// <param name="languages">Spoken in turn.</param>
internal sealed class CallBody(string workspaceId, int longest, IReadOnlyList<ICallLanguage> languages)
{
    private const int Agents = 240;

    private readonly StringBuilder text = new();

    /// <summary>The body of a callback: whole segments, up to the length. The same number gives the same body.</summary>
    public byte[] Make(int number)
    {
        var random = new Random(number);
        var calls = languages[number % languages.Count];
        var subject = random.Next(ICallLanguage.Subjects);
        var agent = calls.Agent(1 + random.Next(Agents));
        Span<byte> ascii = stackalloc byte[CallbackNumber.IdLength];
        CallbackNumber.WriteId(number, ascii);
        var id = Encoding.ASCII.GetString(ascii);
        var json = new StringBuilder(longest);
        json.Append(CultureInfo.InvariantCulture, $$"""
            {"event_name": "dashboard_analysis_finished", "workspace_id": "{{workspaceId}}", "meeting_id": "{{id}}", "payload": {"meeting_id": "{{id}}", "customer_satisfaction_rating": "{{Rating(random)}}", "agent_performance_rating": "{{Rating(random)}}", "agent_performance_feedback": "{{Sentence(calls, random, subject)}}", "risk_factor": "{{CallbackTemplate.Escape(calls.Risk(random))}}", "summary": "{{Sentence(calls, random, subject)}}", "title": "{{CallbackTemplate.Escape(calls.Title(random, subject))}}", "transcript": [
            """);
        for (var segment = 0; ; segment++)
        {
            var next = $$"""{{(segment > 0 ? ", " : "")}}{"text": "{{Sentence(calls, random, subject)}}", "speaker": "{{CallbackTemplate.Escape(segment % 2 == 0 ? agent : calls.Customer)}}"}""";
            if (json.Length + next.Length + "]}}".Length > longest)
                break;
            json.Append(next);
        }

        return Encoding.ASCII.GetBytes(json.Append("]}}").ToString());
    }

    private string Sentence(ICallLanguage calls, Random random, int subject)
    {
        calls.AppendSentence(text.Clear(), random, subject);
        return CallbackTemplate.Escape(text.ToString());
    }

    private static char Rating(Random random) => (char)('A' + random.Next(5));
}
