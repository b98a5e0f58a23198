using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// The value of <c>X-Seasalt-Server-Signature</c>: an HMAC-SHA256 in 64 hexadecimal digits (vendor's document, "Header").
/// A missing or malformed value is a signature too, one that nothing matches, so that it takes the same way and time.
/// </summary>
internal readonly struct Signature
{
    public const string HeaderName = "X-Seasalt-Server-Signature";

    private readonly Digest digest;

    private Signature(Digest digest, bool isWellFormed)
    {
        this.digest = digest;
        IsWellFormed = isWellFormed;
    }

    public bool IsWellFormed { get; }

    public static Signature Parse(StringValues header)
    {
        Digest digest = default;
        var isWellFormed = header is [{ Length: 2 * HMACSHA256.HashSizeInBytes } hex]
            && Convert.FromHexString(hex, digest, out _, out _) == OperationStatus.Done;
        return new Signature(digest, isWellFormed);
    }

    /// <summary>A signature that had been well-formed when it came.</summary>
    public static Signature Restore(ReadOnlySpan<byte> mac)
    {
        Digest digest = default;
        mac.CopyTo(digest);
        return new Signature(digest, isWellFormed: true);
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ReadOnlySpan<byte> Mac => digest;

    [InlineArray(HMACSHA256.HashSizeInBytes)]
    private struct Digest
    {
        private byte first;
    }
}
