using System.Text;

namespace CallbackReceiver.Benchmarks.Reports;

/// <summary>A table in Markdown, padded so that it reads well on a console too. The first column is text, the others are figures.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> rows = [columns];

    public void Add(params string[] cells) => rows.Add(cells);

    public override string ToString()
    {
        var widths = columns.Select((_, column) => rows.Max(row => row[column].Length)).ToList();
        var text = new StringBuilder();
        foreach (var (index, row) in rows.Index())
        {
            Append(text, row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])));
            if (index == 0)
                Append(text, widths.Select((width, column) => column == 0 ? new string('-', width) : new string('-', width - 1) + ":"));
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
}
