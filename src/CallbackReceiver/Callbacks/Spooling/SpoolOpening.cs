namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>Opens the spool's file, and saves what can be saved where it is damaged or was deleted.</summary>
internal static class SpoolOpening
{
    /// <param name="folder">The spool's folder.</param>
    /// <param name="deleted">The rows of a file that was deleted while it was in use; null where there is none.</param>
    /// <param name="logger">Told what was damaged and what was saved.</param>
    /// <exception cref="SpoolException">The file cannot be used; the message says why.</exception>
    public static SpoolRows Open(string folder, SpoolRows? deleted, ILogger logger)
    {
        var rows = OpenWhole(folder, logger);
        if (deleted is not null)
            logger.SpoolSalvaged(rows.AddReadable(deleted.File), "a file that was deleted while it was in use");
        return rows;
    }

    private static SpoolRows OpenWhole(string folder, ILogger logger)
    {
        try
        {
            return OpenRows(folder);
        }
        catch (Exception damage) when (SpoolException.IsDamage(damage))
        {
            var aside = SpoolFile.MoveAside(folder);
            logger.SpoolFileDamaged(aside);
            var rows = OpenRows(folder);
            using var damaged = SpoolFile.OpenAside(aside);
            logger.SpoolSalvaged(rows.AddReadable(damaged), aside);
            return rows;
        }
    }

    /// <summary>The check reads the whole file, but is made once a start: a damaged page that is found later may hold a delivery by then.</summary>
    private static SpoolRows OpenRows(string folder)
    {
        var file = SpoolFile.Open(folder);
        try
        {
            file.Check();
            return new SpoolRows(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
