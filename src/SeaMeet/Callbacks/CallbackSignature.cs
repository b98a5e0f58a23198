using System.Security.Cryptography;
using System.Text;

namespace SeaMeet;

/// <summary>The signature of a callback: the HMAC-SHA256 of the body's bytes, in lower-case hexadecimal digits.</summary>
public static class CallbackSignature
{
    /// <summary>The header that carries it.</summary>
    public const string HeaderName = "X-Seasalt-Server-Signature";

    /// <summary>The length of a signing key by the document, in ASCII letters and digits.</summary>
    public const int KeyLength = 32;

    /// <summary>Signs a body as SeaMeet does. The key's characters themselves are the key: nothing is decoded.</summary>
    public static string Sign(ReadOnlySpan<byte> body, string key) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body));

    /// <summary>Whether a body was signed with the key, compared in fixed time.</summary>
    public static bool Verify(ReadOnlySpan<byte> body, string key, string signature)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return signature.Length == 2 * given.Length
            && Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), body));
    }
}
