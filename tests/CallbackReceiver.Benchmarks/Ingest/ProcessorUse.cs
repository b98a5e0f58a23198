namespace CallbackReceiver.Benchmarks.Ingest;

/// <summary>Processor time, or cores kept busy where it is a difference divided by the time between; null where it cannot be seen.</summary>
internal readonly record struct ProcessorUse(TimeSpan? Variant, TimeSpan? Postgres, TimeSpan? Generator)
{
    public CoresBusy Since(ProcessorUse before, TimeSpan elapsed) =>
        new((Variant - before.Variant) / elapsed, (Postgres - before.Postgres) / elapsed, (Generator - before.Generator) / elapsed);
}

/// <summary>How many cores each party kept busy on average; null where it cannot be seen.</summary>
internal readonly record struct CoresBusy(double? Variant, double? Postgres, double? Generator);
