using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.FaultTests.Machinery;

/// <summary>The workspace that callbacks are sent for, with keys of its own.</summary>
internal sealed class Workspace
{
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int KeyLength = 32;

    public string Id { get; } = "acme";

    public string SigningKey { get; } = RandomNumberGenerator.GetString(KeyCharacters, KeyLength);

    /// <summary>Reads the workspace.</summary>
    public string ApiKey { get; } = RandomNumberGenerator.GetString(KeyCharacters, KeyLength);

    public string ApiKeySha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ApiKey)));

    /// <summary>As Seasalt does it.</summary>
    public string Sign(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(SigningKey), body));
}
