using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>A body that one of a workspace's keys signed. There is no other way to one than <see cref="Verify"/>, and only one of these is ever parsed.</summary>
internal sealed class VerifiedBody
{
    private VerifiedBody(SigningKey key, ReadOnlyMemory<byte> bytes)
    {
        Key = key;
        Bytes = bytes;
    }

    public SigningKey Key { get; }

    public string WorkspaceId => Key.WorkspaceId;

    /// <summary>The bytes exactly as they came. They lie in a pooled buffer: good until the request is answered.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <returns>Null where none of the keys made the signature.</returns>
    public static VerifiedBody? Verify(ReadOnlySpan<SigningKey> keys, in Signature signature, ReadOnlyMemory<byte> body)
    {
        SigningKey? match = null;
        foreach (var key in keys)
        {
            // Every key is tried, also after a match: which key signed, or how many there are, must not show in the time.
            if (key.Signs(body.Span, signature.Mac) & signature.IsWellFormed)
                match = key;
        }

        return match is null ? null : new VerifiedBody(match, body);
    }
}
