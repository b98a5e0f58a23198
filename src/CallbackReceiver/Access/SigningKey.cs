using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.Access;

/// <summary>
/// A workspace's signing key. Wire fact: the key is 32 ASCII letters and digits, and the ASCII bytes themselves are the HMAC key
/// (vendor's document, "Callback for Call Analysis").
/// </summary>
internal sealed class SigningKey
{
    /// <summary>The length in the vendor's document. Another length is accepted, with a warning: the vendor may change it.</summary>
    public const int DocumentedLength = 32;

    private readonly byte[] secret;

    public SigningKey(string workspaceId, string value)
    {
        WorkspaceId = workspaceId;
        secret = Encoding.ASCII.GetBytes(value);
        Id = Convert.ToHexStringLower(SHA256.HashData(secret).AsSpan(0, 4));
    }

    public string WorkspaceId { get; }

    /// <summary>
    /// Tells keys apart in the ledger and in logs without giving them away: the first eight hex digits of the key's SHA-256. It does
    /// not change when keys are reordered in the configuration.
    /// </summary>
    public string Id { get; }

    public bool HasDocumentedLength => secret.Length == DocumentedLength;

    /// <summary>A key that signs nothing: verification runs over it where a workspace has no key, so that this takes the same time.</summary>
    public static SigningKey Decoy() => new(string.Empty, RandomNumberGenerator.GetHexString(DocumentedLength));

    public static bool IsWellFormed(string? value) =>
        value is { Length: > 0 and <= 256 } && value.AsSpan().IndexOfAnyExcept(Letters) < 0;

    /// <summary>Whether <paramref name="mac"/> is this key's HMAC-SHA256 over <paramref name="body"/>, compared in fixed time.</summary>
    public bool Signs(ReadOnlySpan<byte> body, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}
