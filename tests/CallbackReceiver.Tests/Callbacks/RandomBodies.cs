using System.Text;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>Generators of bodies: any bytes, any JSON, callbacks of any content, and samples with something changed in them.</summary>
internal static class RandomBodies
{
    private static readonly string[] Names =
    [
        "event_name", "event", "workspace_id", "meeting_id", "payload", "title", "summary", "customer_satisfaction_rating", "agent_performance_rating",
        "agent_performance_feedback", "risk_factor", "transcript", "text", "speaker", "nps", "callback_metadata",
    ];

    private static readonly string[] Tokens =
    [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "0", "-", "1e5000", "1e400", ".", "\\u", "\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\\"", "\\\\",
        "\u0000", "\u00e9", "客戶", "😀", "\uFEFF", " ", "\n", "//", "/**/", "NaN", "-Infinity", "\"payload\": ", "\"event\": \"dashboard_analysis_finished\", ", "\"meeting_id\": \"m\"", "\"A\"",
    ];

    private static readonly byte[][] Corpus =
    [
        .. Sample.All.Select(sample => sample.Bytes).Where(body => body.Length < 4000),
        CallbackBuilder.Captured().Build(),
        new CallbackBuilder { PayloadAsString = true, Title = "a\"b\\c\u0000\ud83d", Items = [new("客戶", "😀")] }.Build(),
        new CallbackBuilder { EnsureAscii = false, Title = "客戶😀", Items = [new("😀", new RawJson("[1, -0, 1E+2, {\"a\": []}]"))], Metadata = [new("m", true)] }.Build(),
    ];

    public static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 2000];

    /// <summary>Any string of UTF-16 units: control characters, quotes, and halves of pairs included.</summary>
    public static readonly Gen<string> Strings = Gen.Frequency(
        (8, Gen.Char[' ', '~'].Select(unit => unit.ToString())),
        (2, Gen.OneOf("\"", "\\", "/", "\b", "\f", "\n", "\r", "\t", "\u007f", "\u0001", "\u2028", "\uFEFF", "\uFFFD", "\uFFFF")),
        (2, Gen.Char['\u4e00', '\u9fff'].Select(unit => unit.ToString())),
        (1, Gen.Const("\0")),
        (1, Gen.Char['\ud800', '\udbff'].Select(unit => unit.ToString())),
        (1, Gen.Char['\udc00', '\udfff'].Select(unit => unit.ToString())),
        (1, Gen.OneOf("😀", "𠮷", "\\u0000", "\\ud83d", "u0000")),
        (1, Gen.Char.Select(unit => unit.ToString()))).Array[0, 24].Select(string.Concat);

    private static readonly Gen<string> Numbers = Gen.OneOf(
        Gen.Int.Select(number => $"{number}"),
        Gen.Double.Select(number => double.IsFinite(number) ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "0"),
        Gen.OneOf("-0", "-0.0", "1E+2", "1e400", "1e-400", "1e4300", "1e-4300", "1e99999", "0e-4300", "1.0", "1.00", "NaN", "Infinity", "-Infinity", "123456789012345678901234567890.000", "0." + new string('0', 300) + "1"),
        Gen.Int[1, 4300].Select(digits => new string('7', digits)));

    private static readonly Gen<string> MemberNames = Gen.Frequency((2, Gen.OneOf(Names)), (1, Strings));

    /// <summary>Any JSON value, as text.</summary>
    public static readonly Gen<string> JsonTexts = Gen.Recursive<string>((depth, json) =>
    {
        var leaf = Gen.Frequency((3, Strings.Select(text => PythonJson.Dumps(text))), (1, Strings.Select(text => PythonJson.Dumps(text, ensureAscii: false))), (2, Numbers), (1, Gen.OneOf("null", "true", "false", "\"A\"")));
        return depth >= 4
            ? leaf
            : Gen.Frequency(
                (3, leaf),
                (1, json.Array[0, 4].Select(values => $"[{string.Join(", ", values)}]")),
                (1, Gen.Select(MemberNames, json).Array[0, 4].Select(Object)));
    });

    /// <summary>A well-formed envelope with anything in it that JSON can hold.</summary>
    public static readonly Gen<byte[]> Callbacks = Gen.Select(
        Gen.Select(MemberNames, JsonTexts).Array[0, 5], Gen.Select(MemberNames, JsonTexts).Array[0, 2], Gen.Bool, Strings,
        (payload, metadata, payloadAsString, meetingId) =>
        {
            var members = Object(payload.Where(member => member.Item1 is not ("customer_satisfaction_rating" or "agent_performance_rating")));
            return Encoding.UTF8.GetBytes(Object(
            [
                ("event_name", "\"dashboard_analysis_finished\""),
                ("meeting_id", PythonJson.Dumps("m" + meetingId)),
                ("payload", payloadAsString ? PythonJson.Dumps(members) : members),
                .. metadata.Where(member => !Names.Contains(member.Item1)),
            ]));
        });

    /// <summary>A sample with a few changes: bits, bytes and tokens come, go, move and repeat.</summary>
    public static readonly Gen<byte[]> Mutations = Gen.Select(Gen.OneOf(Corpus), Gen.Int.Array[1, 6], (sample, changes) => changes.Aggregate(sample, Change));

    private static byte[] Change(byte[] body, int seed)
    {
        var random = new Random(seed);
        var at = random.Next(body.Length + 1);
        var end = Math.Min(body.Length, at + random.Next(1, 40));
        switch (random.Next(8))
        {
            case 0 when at < body.Length:
                body = [.. body];
                body[at] ^= (byte)(1 << random.Next(8));
                return body;
            case 1:
                return [.. body[..at], (byte)random.Next(256), .. body[end..]];
            case 2:
                return [.. body[..at], .. body[end..]];
            case 3:
                return [.. body[..end], .. body[at..]];
            case 4:
                return body[..at];
            case 5:
                var other = Corpus[random.Next(Corpus.Length)];
                var from = random.Next(other.Length);
                return [.. body[..at], .. other[from..Math.Min(other.Length, from + random.Next(200))], .. body[at..]];
            default:
                return [.. body[..at], .. Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]), .. body[at..]];
        }
    }

    private static string Object(IEnumerable<(string Name, string Value)> members) =>
        $"{{{string.Join(", ", members.Select(member => $"{PythonJson.Dumps(member.Name)}: {member.Value}"))}}}";
}
