using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>Builds bodies as Python's <c>json.dumps</c> writes them: a space after comma and colon, other than ASCII as escapes.</summary>
public sealed class CallbackBuilder
{
    private readonly Dictionary<string, object?> envelope = new() { ["event_name"] = "dashboard_analysis_finished", ["workspace_id"] = "demo" };
    private readonly Dictionary<string, object?> payload = new()
    {
        ["customer_satisfaction_rating"] = "A",
        ["agent_performance_rating"] = "B",
        ["title"] = "Document submission",
        ["summary"] = "The customer needs to upload supplementary documents.",
        ["transcript"] = new[] { new Dictionary<string, object?> { ["text"] = "Hi", ["speaker"] = "customer" } },
    };

    public CallbackBuilder(string meetingId = "seax_1") => envelope["meeting_id"] = payload["meeting_id"] = meetingId;

    public CallbackBuilder Envelope(string member, object? value)
    {
        envelope[member] = value;
        return this;
    }

    public CallbackBuilder WithoutEnvelope(params string[] members)
    {
        Array.ForEach(members, member => envelope.Remove(member));
        return this;
    }

    public CallbackBuilder Payload(string member, object? value)
    {
        payload[member] = value;
        return this;
    }

    public CallbackBuilder WithoutPayload(params string[] members)
    {
        Array.ForEach(members, member => payload.Remove(member));
        return this;
    }

    public byte[] Build() => Encoding.UTF8.GetBytes(Dumps(new Dictionary<string, object?>(envelope) { ["payload"] = envelope.GetValueOrDefault("payload", payload) }));

    public static string Sign(byte[] body, string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(key), body));

    public static string Dumps(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => Quote(text),
        IReadOnlyDictionary<string, object?> members => "{" + string.Join(", ", members.Select(member => $"{Quote(member.Key)}: {Dumps(member.Value)}")) + "}",
        Raw raw => raw.Json,
        System.Collections.IEnumerable items => "[" + string.Join(", ", items.Cast<object?>().Select(Dumps)) + "]",
        _ => JsonSerializer.Serialize(value),
    };

    /// <summary>As Python quotes a string, lone surrogates and U+0000 included.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                >= ' ' and <= '~' => quoted.Append(unit),
                _ => quoted.Append("\\u").Append(((int)unit).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>JSON to be written as it is.</summary>
    public sealed record Raw(string Json);
}
