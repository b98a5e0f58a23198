namespace CallbackReceiver.Storage;

/// <summary>Who did what, and when, of what a reader with the scope <c>manage</c> may do. One row of <c>audit</c>.</summary>
internal sealed class AuditEntry
{
    public required string WorkspaceId { get; init; }

    /// <summary>A UUID of version 7. Its time is when it was done; of a removal by age, how far it reaches (<see cref="ErasureReach"/>).</summary>
    public Guid AuditId { get; init; }

    /// <summary>The name of the API key, or <c>retention</c>.</summary>
    public required string Actor { get; init; }

    /// <summary><c>erase</c>, <c>replay</c> or <c>read_body</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of the meeting or delivery.</summary>
    public required string Subject { get; init; }

    /// <summary>When it was done.</summary>
    public DateTime At { get; init; }
}
