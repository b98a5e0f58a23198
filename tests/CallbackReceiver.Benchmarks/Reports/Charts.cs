using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace CallbackReceiver.Benchmarks.Reports;

/// <summary>Charts as SVG, for the documents.</summary>
internal static class Charts
{
    private const double Width = 760;

    /// <summary>A horizontal bar a name, the first one on top.</summary>
    public static string Bars(string title, IReadOnlyList<(string Name, double Value)> bars)
    {
        var model = Model(title);
        var names = new CategoryAxis { Position = AxisPosition.Left, IsPanEnabled = false, GapWidth = 0.4 };
        names.Labels.AddRange(bars.Reverse().Select(bar => bar.Name));
        model.Axes.Add(names);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, MaximumPadding = 0.12, MajorGridlineStyle = LineStyle.Dot, StringFormat = "#,0" });
        var series = new BarSeries { LabelFormatString = "{0:#,0}", LabelPlacement = LabelPlacement.Outside, FillColor = OxyColor.FromRgb(0x33, 0x66, 0x99) };
        series.Items.AddRange(bars.Reverse().Select(bar => new BarItem(bar.Value)));
        model.Series.Add(series);
        return Export(model, 90 + (34 * bars.Count));
    }

    /// <summary>Lines over time, the first on the left axis, the second on the right one.</summary>
    public static string Lines(string title, string time, (string Name, IEnumerable<(double X, double Y)> Points) left, (string Name, IEnumerable<(double X, double Y)> Points) right)
    {
        var model = Model(title);
        model.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.BottomCenter, LegendOrientation = LegendOrientation.Horizontal });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = time, MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = left.Name, Minimum = 0, StringFormat = "#,0" });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Right, Key = right.Name, Title = right.Name, Minimum = 0, StringFormat = "#,0" });
        model.Series.Add(Line(left.Name, left.Points, OxyColor.FromRgb(0x33, 0x66, 0x99), axis: null));
        model.Series.Add(Line(right.Name, right.Points, OxyColor.FromRgb(0xcc, 0x66, 0x33), right.Name));
        return Export(model, 360);
    }

    private static PlotModel Model(string title) => new() { Title = title, TitleFontSize = 14, Background = OxyColors.White, DefaultFont = "sans-serif" };

    private static LineSeries Line(string name, IEnumerable<(double X, double Y)> points, OxyColor colour, string? axis)
    {
        var line = new LineSeries { Title = name, Color = colour, YAxisKey = axis };
        line.Points.AddRange(points.Select(point => new DataPoint(point.X, point.Y)));
        return line;
    }

    private static string Export(PlotModel model, double height) => SvgExporter.ExportToString(model, Width, height, isDocument: true);
}
