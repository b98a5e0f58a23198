using System.Buffers.Text;
using System.Text;

namespace CallbackReceiver.Benchmarks.Load;

/// <summary>Reads one HTTP/1.1 answer with a Content-Length or in chunks, without allocating.</summary>
internal sealed class Answer
{
    private const int StatusOffset = 9; // "HTTP/1.1 "

    private readonly byte[] buffer = new byte[16 * 1024];
    private int length;
    private int bodyOffset;

    public int Status { get; private set; }

    /// <summary>Whether the last part has arrived. There is no pipelining, so that nothing follows it.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>With the sizes of the chunks, where it came in chunks.</summary>
    public ReadOnlySpan<byte> Body => buffer.AsSpan(bodyOffset, length - bodyOffset);

    /// <summary>Whether the callback was committed before it was answered.</summary>
    public bool IsStored => Status == 200 && Body.IndexOf("\"outcome\":\"stored\""u8) >= 0;

    /// <summary>Whether the callback was written to the spool because PostgreSQL did not answer in time: the service stores it later.</summary>
    public bool IsSpooled => Status == 202 && Body.IndexOf("\"outcome\":\"spooled\""u8) >= 0;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free => buffer.AsMemory(length);

    public void Reset()
    {
        (length, bodyOffset, Status, IsComplete) = (0, 0, 0, false);
    }

    /// <exception cref="IOException">The connection was closed before the answer's end, or it is no such answer.</exception>
    public void Take(int bytes)
    {
        if (bytes == 0)
            throw new IOException("closed before the answer's end");
        length += bytes;
        if (bodyOffset == 0)
            ReadHead();
        IsComplete = bodyOffset > 0 && IsBodyComplete();
    }

    private void ReadHead()
    {
        var head = buffer.AsSpan(0, length);
        var end = head.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return;
        bodyOffset = end + 4;
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[StatusOffset..], out int status, out _))
            throw new IOException("not an HTTP/1.1 answer");
        Status = status;
    }

    private bool IsBodyComplete()
    {
        var head = buffer.AsSpan(0, bodyOffset);
        if (Header(head, "\r\ncontent-length: "u8) is { IsEmpty: false } value && Utf8Parser.TryParse(value, out int expected, out _))
            return Body.Length >= expected;
        if (!Header(head, "\r\ntransfer-encoding: chunked"u8).IsEmpty)
            return Body.EndsWith("0\r\n\r\n"u8);
        throw new IOException("an answer without Content-Length or chunks");
    }

    /// <summary>What follows the header's name; empty where there is none.</summary>
    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        for (var at = head.IndexOf((byte)'\r'); at + name.Length < head.Length;)
        {
            if (Ascii.EqualsIgnoreCase(head.Slice(at, name.Length), name))
                return head[(at + name.Length)..];
            var next = head[(at + 1)..].IndexOf((byte)'\r');
            if (next < 0)
                break;
            at += 1 + next;
        }

        return [];
    }
}
