using System.Data;
using CallbackReceiver.Answers;
using CallbackReceiver.Storage;
using Npgsql;

namespace CallbackReceiver.Meetings;

/// <summary>A page while it is read: bounded in rows and bytes, within the memory of its answer.</summary>
/// <param name="limit">The most rows.</param>
/// <param name="maxBytes">The most bytes, but for a single longer row.</param>
/// <param name="room">The memory of the answer.</param>
internal sealed class MeetingPage(int limit, int maxBytes, AnswerRoom room)
{
    private long bytes;

    public List<MeetingView> Meetings { get; } = [];

    /// <summary>The place of the last row.</summary>
    public ListPlace Last { get; private set; }

    /// <summary>How many rows more to ask for: one that is beyond the page says that there is another page.</summary>
    public int Wanted => limit + 1 - Meetings.Count;

    /// <summary>Whether nothing more is to be read.</summary>
    public bool IsFull => !IsLast || MissingBytes is not null;

    /// <summary>Whether no row was there beyond the page.</summary>
    public bool IsLast { get; private set; } = true;

    /// <summary>How many bytes the answer has no memory for; null where the page could be read.</summary>
    public long? MissingBytes { get; private set; }

    /// <summary>Adds rows until the page is full. Of what is left PostgreSQL is told not to send it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">Gives rows of <see cref="MeetingRow"/>.</param>
    /// <param name="withTranscript">Whether they have transcripts.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="place">The place of the row, where there is one that has moved away; null where each is at the time of its analysis.</param>
    public async Task FillAsync(NpgsqlConnection connection, Sql sql, bool withTranscript, CancellationToken cancellationToken, ListPlace? place = null)
    {
        await using var command = sql.On(connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!HasRoomFor(await MeetingRow.ReadBytesAsync(reader, cancellationToken)))
            {
                if (Meetings.Count < limit)
                    command.Cancel(); // else this was the last row asked for
                return;
            }

            var meeting = await MeetingRow.ReadAsync(reader, withTranscript, cancellationToken);
            Meetings.Add(meeting);
            Last = place ?? new ListPlace(meeting.ReceivedAt, meeting.MeetingId);
        }
    }

    private bool HasRoomFor(long bytesOfRow)
    {
        bytes += bytesOfRow;
        IsLast = Meetings.Count < limit && (Meetings.Count == 0 || bytes <= maxBytes);
        if (IsLast && !room.TryGrow(bytes))
            MissingBytes = bytes;
        return !IsFull;
    }
}
