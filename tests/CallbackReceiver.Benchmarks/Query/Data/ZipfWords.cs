namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Words drawn as a language draws them (Zipf and Mandelbrot): the n-th about 1 / (n + 2.7) as often.</summary>
internal sealed class ZipfWords
{
    private const int Slots = 1 << 14;
    private const double Shift = 2.7;

    private readonly string[] words;
    private readonly ushort[] slots = new ushort[Slots];

    /// <param name="words">The most used first; fewer than 65,536.</param>
    public ZipfWords(IEnumerable<string> words)
    {
        this.words = [.. words.Distinct(StringComparer.Ordinal)];
        var total = Enumerable.Range(0, this.words.Length).Sum(Weight);
        var (word, sum) = (0, Weight(0));
        for (var slot = 0; slot < Slots; slot++)
        {
            while (sum < total * slot / Slots && word < this.words.Length - 1)
                sum += Weight(++word);
            slots[slot] = (ushort)word;
        }
    }

    public string Next(Random random) => words[slots[random.Next(Slots)]];

    private static double Weight(int rank) => 1 / (rank + Shift);
}
