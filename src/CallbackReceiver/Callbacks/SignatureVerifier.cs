using CallbackReceiver.Access;

namespace CallbackReceiver.Callbacks;

/// <summary>Verifies a body against the keys that are configured at the moment of the call.</summary>
internal sealed class SignatureVerifier(ReloadingSetting<SigningKeys> signingKeys)
{
    private readonly SigningKey decoy = SigningKey.Decoy();

    /// <param name="workspaceId">The workspace of the URL; null where the key that verifies names the workspace.</param>
    /// <param name="signature">The signature that came with the body.</param>
    /// <param name="body">The raw bytes of the body.</param>
    /// <returns>Null where no key of the workspace made the signature or there is no such workspace; the two take the same time.</returns>
    public VerifiedBody? Verify(string? workspaceId, in Signature signature, ReadOnlyMemory<byte> body)
    {
        var keys = signingKeys.Current;
        var candidates = workspaceId is null ? keys.All : keys.Of(workspaceId);
        var verified = VerifiedBody.Verify(candidates, signature, body);
        for (var tried = candidates.Length; verified is null && tried < keys.MostPerWorkspace; tried++)
            decoy.Signs(body.Span, signature.Mac);
        return verified;
    }

    /// <summary>How many keys a body is tried with: as many for a workspace that there is not.</summary>
    public int KeysTried(string? workspaceId)
    {
        var keys = signingKeys.Current;
        return workspaceId is null ? Math.Max(keys.All.Length, keys.MostPerWorkspace) : keys.MostPerWorkspace;
    }

    /// <summary>Whether the workspace has a signing key.</summary>
    public bool Knows(string workspaceId) => signingKeys.Current.Of(workspaceId).Length > 0;
}
