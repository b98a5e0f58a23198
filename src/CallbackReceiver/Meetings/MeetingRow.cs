using CallbackReceiver.Answers;
using Npgsql;

namespace CallbackReceiver.Meetings;

/// <summary>
/// A row of a <c>SELECT</c> of meetings. Its first column says how long the others are, so that room can be made before they are read, one after
/// the other, from a reader in sequential mode.
/// </summary>
internal static class MeetingRow
{
    /// <summary>About how many bytes a meeting <c>m</c> has, without its transcript.</summary>
    // A text's length is known without fetching it. An array to which nothing is appended comes uncompressed.
    public static readonly string Bytes = $$"""
        (coalesce(octet_length(m.title), 0) + coalesce(octet_length(m.summary), 0) + coalesce(octet_length(m.agent_performance_feedback), 0)
            + coalesce(octet_length(m.risk_factor), 0) + pg_column_size(m.speakers || '{}')
            + {{StoredMembers.Bytes("items")}} + {{StoredMembers.Bytes("metadata")}})::bigint
        """;

    private static readonly string Fields = $"""
        m.workspace_id, m.meeting_id, m.title, m.summary, m.customer_satisfaction_rating, m.agent_performance_rating, m.agent_performance_feedback,
        m.risk_factor, {StoredMembers.Columns("items")}, {StoredMembers.Columns("metadata")}, m.speakers, m.segments, m.revision,
        m.delivery_ids[m.revision] AS delivery_id, m.first_received_at, m.received_at
        """;

    /// <summary>Of a meeting <c>m</c>, each with a name.</summary>
    public static readonly string Columns = $"{Bytes} AS bytes, {Fields}";

    /// <inheritdoc cref="Columns"/>
    public static readonly string ColumnsWithTranscript = $"{Bytes} + {StoredTranscript.Bytes} AS bytes, {Fields}, {StoredTranscript.Columns}";

    /// <summary>About how many bytes the row has.</summary>
    public static Task<long> ReadBytesAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) => reader.GetFieldValueAsync<long>(0, cancellationToken);

    /// <summary>Reads the rest of the row. What cannot be shown of it is left out and named: no row fails those around it.</summary>
    /// <param name="reader">At a row that begins with <see cref="Columns"/>, or with <see cref="ColumnsWithTranscript"/>.</param>
    /// <param name="withTranscript">Whether it is the latter.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async ValueTask<MeetingView> ReadAsync(NpgsqlDataReader reader, bool withTranscript, CancellationToken cancellationToken)
    {
        var workspaceId = await reader.GetFieldValueAsync<string>(1, cancellationToken);
        var meetingId = await reader.GetFieldValueAsync<string>(2, cancellationToken);
        var title = await ReadTextAsync(3);
        var summary = await ReadTextAsync(4);
        var customerSatisfactionRating = await ReadTextAsync(5);
        var agentPerformanceRating = await ReadTextAsync(6);
        var agentPerformanceFeedback = await ReadTextAsync(7);
        var riskFactor = await ReadTextAsync(8);
        var items = await ReadMembersAsync(9);
        var metadata = await ReadMembersAsync(11);
        var speakers = await reader.GetFieldValueAsync<string[]>(13, cancellationToken);
        var segments = await reader.GetFieldValueAsync<int>(14, cancellationToken);
        var view = new MeetingView
        {
            WorkspaceId = workspaceId,
            MeetingId = meetingId,
            Title = title,
            Summary = summary,
            CustomerSatisfactionRating = customerSatisfactionRating,
            AgentPerformanceRating = agentPerformanceRating,
            AgentPerformanceFeedback = agentPerformanceFeedback,
            RiskFactor = riskFactor,
            Items = items ?? JsonText.EmptyObject,
            Metadata = metadata ?? JsonText.EmptyObject,
            Speakers = speakers,
            Segments = segments,
            Revision = await reader.GetFieldValueAsync<int>(15, cancellationToken),
            DeliveryId = await reader.GetFieldValueAsync<Guid>(16, cancellationToken),
            FirstReceivedAt = await reader.GetFieldValueAsync<DateTime>(17, cancellationToken),
            ReceivedAt = await reader.GetFieldValueAsync<DateTime>(18, cancellationToken),
        };
        if (!withTranscript)
            return view with { Omitted = MeetingView.OmittedOf(items, metadata) };
        var transcript = StoredTranscript.Read(workspaceId, await ReadBytesAsync(19), await ReadBytesAsync(20));
        return view with { Transcript = transcript ?? JsonText.EmptyArray, Omitted = MeetingView.OmittedOf(items, metadata, transcript, segments) };

        async ValueTask<string?> ReadTextAsync(int column) =>
            await reader.IsDBNullAsync(column, cancellationToken) ? null : await reader.GetFieldValueAsync<string>(column, cancellationToken);

        async ValueTask<JsonText?> ReadMembersAsync(int column) =>
            (await ReadBytesAsync(column) ?? await ReadBytesAsync(column + 1)) is { } json ? JsonText.TryParse(json) : null;

        async ValueTask<byte[]?> ReadBytesAsync(int column) =>
            await reader.IsDBNullAsync(column, cancellationToken) ? null : await reader.GetFieldValueAsync<byte[]>(column, cancellationToken);
    }
}
