using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace CallbackReceiver.Access;

/// <summary>An issuer's public key in PEM.</summary>
internal static class PublicKey
{
    private const int MinRsaBits = 2048;

    /// <returns>Null for what is none, private keys included: they have no business here.</returns>
    public static AsymmetricAlgorithm? TryRead(string pem)
    {
        if (pem.Contains("PRIVATE", StringComparison.Ordinal))
            return null;
        return TryImport(RSA.Create(), pem) is { KeySize: >= MinRsaBits } rsa ? rsa : TryImport(ECDsa.Create(), pem);
    }

    /// <summary>A key that <see cref="TryRead"/> takes, for checking signatures.</summary>
    public static SecurityKey ToSecurityKey(string pem) =>
        TryRead(pem) is RSA rsa ? new RsaSecurityKey(rsa) : new ECDsaSecurityKey((ECDsa)TryRead(pem)!);

    private static T? TryImport<T>(T key, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }
}
