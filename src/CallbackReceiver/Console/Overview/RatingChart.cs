using CallbackReceiver.Meetings.Statistics;
using CallbackReceiver.WebConsole.Calls;

namespace CallbackReceiver.WebConsole.Overview;

/// <summary>
/// One rating over time, as stacked bars: an SVG without scripts or styles of its own. Each part of a bar leads to the calls that it counts, and a
/// table has all figures.
/// </summary>
internal sealed class RatingChart(PageContext page, Word title, string parameter, IReadOnlyList<IntervalStatistics> series, Func<IntervalStatistics, IReadOnlyDictionary<string, long>> ratings)
{
    private const double Width = 560;
    private const double Height = 170;
    private const double Left = 36;
    private const double Bottom = 150;
    private const double Top = 8;
    private const int MostLabels = 8;

    private static readonly double[] GridLines = [0, 0.5, 1];
    private static readonly int[] RoundFigures = [2, 3, 4, 5, 6, 8, 10];

    private readonly long highest = NiceHeight(series.Max(interval => interval.Meetings));

    private double BarSpace => (Width - Left) / series.Count;

    public Html Draw() => $"""
        <section class="card"><h2>{page[title]}</h2>
        <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{page[title]}">{GridLines.Select(GridLine)}{series.Select(Bar)}</svg>
        <p class="legend">{Rating.All.Select(LegendOf)}</p>
        <details><summary>{page[Words.Figures]}</summary><table><thead><tr><th>{page[Words.From]}</th>{Rating.All.Select(HeadOf)}</tr></thead><tbody>{series.Select(Figures)}</tbody></table></details></section>
        """;

    /// <summary>A round number that is not much higher, and has a half.</summary>
    private static long NiceHeight(long most)
    {
        long step = 1;
        while (step * 10 < most)
            step *= 10;
        return RoundFigures.Select(times => times * step).First(height => height >= most && height % 2 == 0);
    }

    private static double HeightOf(long meetings, long highest) => (Bottom - Top) * meetings / highest;

    private Html GridLine(double share)
    {
        var y = Bottom - ((Bottom - Top) * share);
        return $"""<line class="grid" x1="{Left}" x2="{Width}" y1="{y}" y2="{y}"/><text x="{Left - 5}" y="{y + 4}" text-anchor="end">{(long)(highest * share)}</text>""";
    }

    private Html Bar(IntervalStatistics interval, int index)
    {
        Html bar = $"";
        var y = Bottom;
        foreach (var rating in Rating.All)
        {
            var meetings = ratings(interval)[rating];
            if (meetings == 0)
                continue;
            var height = HeightOf(meetings, highest);
            y -= height;
            bar.AppendFormatted($"""
                <a href="{ListOf(interval, rating)}"><rect class="{Rating.ClassOf(rating)}" x="{XOf(index)}" y="{y}" width="{BarSpace * 0.78}" height="{height}"><title>{DayOf(interval)} · {Rating.NameOf(page, rating)}: {meetings}</title></rect></a>
                """);
        }

        if (index % ((series.Count / MostLabels) + 1) == 0)
            bar.AppendFormatted($"""<text x="{XOf(index)}" y="{Height - 4}">{DayOf(interval)[5..]}</text>""");
        return bar;
    }

    private Html LegendOf(string rating) => $"""<span><i class="swatch {Rating.ClassOf(rating)}"></i>{Rating.NameOf(page, rating)}</span> """;

    private Html HeadOf(string rating) => $"""<th class="number">{Rating.NameOf(page, rating)}</th>""";

    private Html Figures(IntervalStatistics interval) =>
        $"""<tr><th>{DayOf(interval)}</th>{Rating.All.Select(rating => FigureOf(interval, rating))}</tr>""";

    private Html FigureOf(IntervalStatistics interval, string rating) => $"""<td class="number"><a href="{ListOf(interval, rating)}">{Numbers.Of(ratings(interval)[rating])}</a></td>""";

    private string ListOf(IntervalStatistics interval, string rating) => CallsPage.PathOf(
        page, CallQuery.All.With(parameter, rating).With(CallQuery.From, page.Zone.Rfc3339(interval.From.UtcDateTime)).With(CallQuery.To, page.Zone.Rfc3339(interval.To.UtcDateTime)));

    private string DayOf(IntervalStatistics interval) => page.Zone.DateOf(interval.From.UtcDateTime);

    private double XOf(int index) => Left + (BarSpace * (index + 0.11));
}
