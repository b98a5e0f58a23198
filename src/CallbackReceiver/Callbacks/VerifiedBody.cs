using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// A body that one of a workspace's keys signed. <see cref="Verify"/> makes one, or <see cref="Restore"/> of what was verified before;
/// only one of these is ever parsed.
/// </summary>
internal sealed class VerifiedBody
{
    private VerifiedBody(string workspaceId, string keyId, ReadOnlyMemory<byte> bytes)
    {
        WorkspaceId = workspaceId;
        KeyId = keyId;
        Bytes = bytes;
    }

    public string WorkspaceId { get; }

    /// <summary>Which of the workspace's keys signed it, as <see cref="SigningKey.Id"/>.</summary>
    public string KeyId { get; }

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

        return match is null ? null : new VerifiedBody(match.WorkspaceId, match.Id, body);
    }

    /// <summary>A body that had been verified before this service put it away. The key may have left the configuration since.</summary>
    public static VerifiedBody Restore(string workspaceId, string keyId, ReadOnlyMemory<byte> body) => new(workspaceId, keyId, body);
}
