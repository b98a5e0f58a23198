using System.Globalization;
using System.Text;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>
/// A callback as the vendor's stack writes it (Python's <c>json.dumps</c>: a space after comma and colon, every character beyond ASCII
/// as a <c>\u</c> escape), half in Chinese, half in English, with room for the meeting's id at <see cref="IdOffsets"/>.
/// </summary>
internal sealed class CallbackTemplate
{
    private const char Slot = '\u0001';

    private static readonly string[] Chinese =
    [
        "您好，請問上次申請的文件有收到嗎？",
        "我們這邊還沒有收到您的補件資料。",
        "好的，我今天會重新上傳。",
        "麻煩您提供身分證後四碼，方便我們核對資料。",
        "系統顯示您的案件目前在審核中，大約需要三個工作天。",
        "請問可以改成下週二下午再聯絡我嗎？",
        "沒問題，我已經幫您備註在案件裡面了。",
        "謝謝您，有任何問題請再與我們聯絡。",
    ];

    private static readonly string[] English =
    [
        "Hi, I am calling about the invoice that was sent to me last week.",
        "Let me check that for you, could you give me the order number please?",
        "Sure, it is four seven one one, dash two.",
        "Thank you. I can see that the payment arrived on Monday.",
        "Then why did I get a reminder yesterday? That is the second one this month.",
        "I am sorry for the confusion, I will cancel the reminder right away.",
        "Great, could you send me a confirmation by mail as well?",
        "Of course, you will have it within a few minutes.",
    ];

    private CallbackTemplate(byte[] body, int[] idOffsets)
    {
        Body = body;
        IdOffsets = idOffsets;
    }

    public byte[] Body { get; }

    public IReadOnlyList<int> IdOffsets { get; }

    /// <summary>A body of exactly <paramref name="length"/> bytes; 3800 bytes hold some 20 segments. The same seed gives the same body.</summary>
    public static CallbackTemplate Create(string workspaceId, int length, int seed)
    {
        var random = new Random(seed);
        var id = new string(Slot, CallbackNumber.IdLength);
        var json = new StringBuilder(length);
        json.Append(CultureInfo.InvariantCulture, $$"""
            {"event_name": "dashboard_analysis_finished", "workspace_id": "{{workspaceId}}", "meeting_id": "{{id}}", "payload": {"meeting_id": "{{id}}", "customer_satisfaction_rating": "{{Rating(random)}}", "agent_performance_rating": "{{Rating(random)}}", "agent_performance_feedback": "The agent confirmed the customer's needs and gave clear instructions.", "risk_factor": "{{Escape("溝通困難")}}", "summary": "{{Escape("客戶詢問案件進度與帳單，客服說明補件方式並取消催繳通知。")}} The customer asked about a reminder; the agent cancelled it.", "title": "{{Escape("文件補件與帳單")}}", "follow_up": true, "transcript": [
            """);
        for (var segment = 0; ; segment++)
        {
            var next = Segment(random, segment);
            if (json.Length + next.Length + Closing("", segment).Length > length)
                break;
            json.Append(next);
        }

        var rest = length - json.Length - Closing("", 0).Length;
        ArgumentOutOfRangeException.ThrowIfNegative(rest, nameof(length));
        json.Append(Closing(new string('.', rest), 0));
        return new CallbackTemplate(Encoding.ASCII.GetBytes(json.ToString()), OffsetsOf(json.ToString(), id));
    }

    private static string Segment(Random random, int index)
    {
        var texts = random.Next(2) == 0 ? Chinese : English;
        return $$"""{"text": "{{Escape(texts[random.Next(texts.Length)])}}", "speaker": "{{Escape(Speaker(index))}}"}, """;
    }

    private static string Closing(string text, int index) => $$$"""{"text": "{{{text}}}", "speaker": "{{{Escape(Speaker(index))}}}"}]}}""";

    private static string Speaker(int index) => index % 2 == 0 ? "客戶" : "客服";

    private static char Rating(Random random) => (char)('A' + random.Next(5));

    /// <summary>Text as <c>json.dumps</c> writes it between the quotes, of characters that need no escape but for being beyond ASCII.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(6 * text.Length);
        foreach (var character in text)
        {
            if (char.IsAscii(character))
                escaped.Append(character);
            else
                escaped.Append(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");
        }

        return escaped.ToString();
    }

    private static int[] OffsetsOf(string json, string id)
    {
        var first = json.IndexOf(id, StringComparison.Ordinal);
        return [first, json.IndexOf(id, first + id.Length, StringComparison.Ordinal)];
    }
}
