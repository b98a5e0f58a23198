using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>Where callbacks are sent, and the key that signs them.</summary>
internal sealed record Target(IPEndPoint Address, string WorkspaceId, string SigningKey)
{
    /// <summary>The signature of a body, as the header has it.</summary>
    public string Sign(byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(SigningKey), body));
}
