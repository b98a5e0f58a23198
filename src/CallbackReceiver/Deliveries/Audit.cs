using System.Security.Claims;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Notes what readers with the scope <c>manage</c> do, before it is done: whoever goes away meanwhile, or meets a failure, is noted all the
/// same. <see cref="MeetingRemoval"/> notes erasures in its own transaction.
/// </summary>
internal sealed class Audit(ManageDatabase dataSource, TimeProvider time)
{
    public const string Replay = "replay";
    public const string ReadBody = "read_body";

    private const string Insert = "INSERT INTO audit (workspace_id, audit_id, actor, action, subject, at) VALUES ($1, $2, $3, $4, $5, $6)";

    /// <summary>Returns once the row is committed. It is not cancelled when the reader goes away.</summary>
    public async Task WriteAsync(ClaimsPrincipal reader, string workspaceId, string action, string subject)
    {
        var now = time.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(Insert, connection);
        command.Parameters.Add(new() { Value = workspaceId });
        command.Parameters.Add(new() { Value = Guid.CreateVersion7(now) });
        command.Parameters.Add(new() { Value = reader.Identity?.Name ?? "" });
        command.Parameters.Add(new() { Value = action });
        command.Parameters.Add(new() { Value = subject });
        command.Parameters.Add(new() { Value = now });
        await DurableCommit.RunAsync(command);
    }
}
