using System.Text.Json.Serialization;

namespace SeaMeet;

/// <summary>The language that is spoken in a meeting, as <c>en-US</c>.</summary>
/// <param name="Value">The word as the API writes it.</param>
[JsonConverter(typeof(WireValueConverter<MeetingLanguage>))]
public readonly record struct MeetingLanguage(string Value) : IWireValue<MeetingLanguage>
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["da-DK"] = "Danish (Denmark)",
        ["de-DE"] = "German (Germany)",
        ["en-GB"] = "English (United Kingdom)",
        ["en-IN"] = "English (India)",
        ["en-US"] = "English (United States)",
        ["es-ES"] = "Spanish (Spain)",
        ["es-MX"] = "Spanish (Mexico)",
        ["fi-FI"] = "Finnish (Finland)",
        ["fr-FR"] = "French (France)",
        ["he-IL"] = "Hebrew (Israel)",
        ["hi-IN"] = "Hindi (India)",
        ["id-ID"] = "Indonesian (Indonesia)",
        ["it-IT"] = "Italian (Italy)",
        ["ja-JP"] = "Japanese (Japan)",
        ["ko-KR"] = "Korean (South Korea)",
        ["pl-PL"] = "Polish (Poland)",
        ["pt-BR"] = "Portuguese (Brazil)",
        ["pt-PT"] = "Portuguese (Portugal)",
        ["sv-SE"] = "Swedish (Sweden)",
        ["zh-CN"] = "Mandarin (China)",
        ["zh-TW"] = "Mandarin (Taiwan)",
    };

    /// <summary>The 21 languages of the document, in the order of their codes.</summary>
    public static IReadOnlyList<MeetingLanguage> Documented { get; } = [.. Names.Keys.Select(code => new MeetingLanguage(code))];

    /// <summary>Mandarin as spoken in Taiwan: the default of the vendor's script.</summary>
    public static MeetingLanguage MandarinTaiwan { get; } = new("zh-TW");

    /// <summary>English as spoken in the United States.</summary>
    public static MeetingLanguage EnglishUnitedStates { get; } = new("en-US");

    /// <summary>Whether the document lists it.</summary>
    public bool IsDocumented => Value is not null && Names.ContainsKey(Value);

    /// <summary>Its name in English; its code where the document does not list it.</summary>
    public string Name => Value is not null && Names.TryGetValue(Value, out var name) ? name : Value ?? "";

    /// <summary>A documented language as the document spells it (<c>en-us</c> is <c>en-US</c>); another one as it is written.</summary>
    public static MeetingLanguage Parse(string text) =>
        Documented.FirstOrDefault(language => language.Value.Equals(text, StringComparison.OrdinalIgnoreCase)) is { Value: not null } documented ? documented : new(text);

    static MeetingLanguage IWireValue<MeetingLanguage>.Of(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
