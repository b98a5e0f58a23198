using System.Net;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>Where callbacks are sent, and the key that signs them.</summary>
internal sealed record Target(IPEndPoint Address, string WorkspaceId, string SigningKey);
