using System.Text;

namespace CallbackReceiver.Meetings.Searching;

/// <summary>
/// Folds texts, and writes them one after the other as UTF-8. What is folded waits in a short buffer until it is sure that nothing more is
/// composed with it, so that a long text is there once as it came and once as UTF-8.
/// </summary>
internal sealed class FoldingWriter
{
    private const int BlockLength = 1024;
    private const int LongestWait = 4096;

    private readonly FoldingTable table = FoldingTable.Instance;
    private readonly Composer composer = new();
    private char[] waiting = LongValue.PoolOf<char>().Rent(LongestWait + (2 * BlockLength));
    private byte[] written;
    private int length;

    /// <summary>How much waits.</summary>
    private int end;

    /// <summary>Where the last character begins that may still be composed with what follows.</summary>
    private int segment;

    /// <summary>Where the text under way begins, or began.</summary>
    private int start;

    /// <summary>Whether white space came since the last character.</summary>
    private bool isSpace;

    /// <summary>Whether the segment holds more than its character.</summary>
    private bool isMarked;

    /// <param name="expectedBytes">How long it all may be; a longer one moves into a longer array.</param>
    public FoldingWriter(int expectedBytes) => written = LongValue.PoolOf<byte>().Rent(expectedBytes);

    /// <summary>Folds a text and closes it with a separator; nothing but white space leaves nothing.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (segment >= LongestWait)
                WriteOut(segment);
            var block = text[..Math.Min(text.Length, BlockLength)];
            if (block.Length < text.Length && char.IsHighSurrogate(block[^1]))
                block = block[..^1];
            Fold(block);
            text = text[block.Length..];
        }

        Compose();
        isSpace = false;
        if (end > start)
        {
            Reserve(1);
            waiting[end++] = FoldedText.Separator;
        }

        segment = start = end;
    }

    /// <summary>Ends the writing.</summary>
    /// <returns>All that was written.</returns>
    public LongValue<byte> Finish()
    {
        WriteOut(end);
        LongValue.PoolOf<char>().Return(waiting);
        waiting = [];
        return new LongValue<byte>(written, length);
    }

    private void Fold(ReadOnlySpan<char> block)
    {
        Reserve(2 * BlockLength);
        for (var at = 0; at < block.Length; at++)
        {
            var character = block[at];
            if (character is >= 'A' and <= 'Z')
            {
                character |= ' ';
            }
            else if (table.CodeOf(character) is not FoldingTable.Plain and var code)
            {
                if (code == FoldingTable.Space)
                    isSpace = true;
                else
                    at += FoldSpecial(block[at..], code) - 1;
                continue;
            }

            if (isSpace || isMarked)
                Begin();
            segment = end;
            waiting[end++] = character;
        }
    }

    /// <returns>How long the character is.</returns>
    private int FoldSpecial(ReadOnlySpan<char> rest, int code)
    {
        var character = rest[..1];
        if (code == FoldingTable.Surrogate)
        {
            Rune.DecodeFromUtf16(rest, out var rune, out var units);
            character = units == 2 ? rest[..units] : "\uFFFD"; // a half alone is what UTF-8 makes of it
            code = table.CodeOf(rune.Value);
        }

        if (code == FoldingTable.Plain || table.ActionOf(code).Target is not { } target)
        {
            Append(character, isMark: code != FoldingTable.Plain);
            return character.Length;
        }

        for (var at = 0; at < target.Length; at++)
        {
            var units = char.IsSurrogate(target[at]) ? 2 : 1;
            var part = units == 2 ? char.ConvertToUtf32(target, at) : target[at];
            if (table.CodeOf(part) is FoldingTable.Space)
                isSpace = true;
            else
                Append(target.AsSpan(at, units), isMark: table.CodeOf(part) != FoldingTable.Plain);
            at += units - 1;
        }

        return character.Length;
    }

    private void Append(ReadOnlySpan<char> character, bool isMark)
    {
        Reserve(2 * (BlockLength + character.Length));
        if (isSpace || (isMarked && !isMark))
            Begin();
        if (!isMark)
            segment = end;
        character.CopyTo(waiting.AsSpan(end));
        end += character.Length;
        isMarked = isMark;
    }

    /// <summary>Ends the segment before, and begins one with the white space that is between, if there is any.</summary>
    private void Begin()
    {
        Compose();
        segment = end;
        if (isSpace && end > start)
            waiting[end++] = ' ';
        isSpace = false;
    }

    private void Compose()
    {
        if (!isMarked)
            return;
        isMarked = false;
        var composed = composer.Compose(waiting.AsSpan(segment, end - segment));
        end = segment;
        Reserve(composed.Length + (2 * BlockLength));
        composed.CopyTo(waiting.AsSpan(end));
        end += composed.Length;
    }

    private void Reserve(int room)
    {
        if (waiting.Length - end < room)
            waiting = Grow(waiting, end, room);
    }

    private void WriteOut(int count)
    {
        var room = Encoding.UTF8.GetMaxByteCount(count);
        if (written.Length - length < room && Encoding.UTF8.GetByteCount(waiting, 0, count) is var bytes && written.Length - length < bytes)
            written = Grow(written, length, bytes);
        length += Encoding.UTF8.GetBytes(waiting.AsSpan(0, count), written.AsSpan(length));
        waiting.AsSpan(count, end - count).CopyTo(waiting);
        (end, segment, start) = (end - count, segment - count, start - count);
    }

    private static T[] Grow<T>(T[] array, int used, int room)
    {
        var longer = LongValue.PoolOf<T>().Rent(checked((int)Math.Max(used + (long)room, 2L * array.Length)));
        array.AsSpan(0, used).CopyTo(longer);
        LongValue.PoolOf<T>().Return(array);
        return longer;
    }
}
