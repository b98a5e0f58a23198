using System.Buffers.Text;
using System.Text.Json;

namespace CallbackReceiver.Access;

/// <summary>What a token's header says beside key and algorithm, which the library looks at.</summary>
internal static class JwtHeader
{
    private const string MediaTypePrefix = "application/";

    /// <summary>Of access tokens (RFC 9068), and what is written of any JWT. Other types, such as <c>logout+jwt</c>, are made for another purpose.</summary>
    private static readonly string[] Types = ["JWT", "at+jwt"];

    /// <summary>
    /// Whether a token with this header may let a reader in. <c>typ</c> may be absent, since many issuers leave it out. <c>crit</c> lists
    /// extensions that whoever reads the token must understand (RFC 7515); none is understood here.
    /// </summary>
    /// <param name="encoded">The first part of the token.</param>
    public static bool IsOfReader(string encoded)
    {
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(encoded));

            // Each member, as a name that stands there twice would be read differently by different readers.
            return header.RootElement.EnumerateObject().All(member => member.Name switch
            {
                "crit" => false,
                "typ" => member.Value.ValueKind == JsonValueKind.String && IsOfReaders(member.Value.GetString()!),
                _ => true,
            });
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A media type, whose <c>application/</c> may be left out, in upper or lower case.</summary>
    private static bool IsOfReaders(string type) => Types.Contains(
        type.StartsWith(MediaTypePrefix, StringComparison.OrdinalIgnoreCase) ? type[MediaTypePrefix.Length..] : type, StringComparer.OrdinalIgnoreCase);
}
