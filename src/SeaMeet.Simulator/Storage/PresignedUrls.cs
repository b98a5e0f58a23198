using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SeaMeet.Simulator.Storage;

/// <summary>Addresses that carry their own authorization, for a time.</summary>
internal sealed class PresignedUrls(SimulatorOptions options)
{
    public const string Root = "/simulated-storage";

    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);

    public (string Address, DateTimeOffset Expires) Create(HttpRequest request, string workspaceId, string meetingId, string name, DateTimeOffset now)
    {
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(now.Add(options.UploadUrlLifetime).ToUnixTimeMilliseconds());
        var path = $"{Root}/{Uri.EscapeDataString(workspaceId)}/{Uri.EscapeDataString(meetingId)}/{Uri.EscapeDataString(name)}";
        var stamp = expires.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return ($"{request.Scheme}://{request.Host}{path}?expires={stamp}&signature={Sign(workspaceId, meetingId, name, stamp)}", expires);
    }

    public bool Allows(HttpRequest request, string workspaceId, string meetingId, string name, DateTimeOffset now)
    {
        var stamp = request.Query["expires"].ToString();
        return long.TryParse(stamp, NumberStyles.None, CultureInfo.InvariantCulture, out var expires) && now.ToUnixTimeMilliseconds() < expires
            && request.Query["signature"] == Sign(workspaceId, meetingId, name, stamp);
    }

    private string Sign(params string[] parts) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
