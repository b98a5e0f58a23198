namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>
/// Takes over what versions before the SQLite file left in the spool's folder: a file a delivery. It looks again all the time, since a replica
/// of such a version may still be running beside this one.
/// </summary>
internal sealed class EarlierSpoolFolder(Spool spool, ILogger<EarlierSpoolFolder> logger)
{
    private const string Finished = "*.delivery";
    private const string SetAside = "*.damaged";
    private const int MaxFiles = 100;

    private readonly HashSet<string> unreadable = new(StringComparer.Ordinal);

    /// <summary>Takes over some of the files.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool TakeOverSome()
    {
        if (!spool.IsOn || !Directory.Exists(spool.Folder))
            return false;
        var files = Directory.EnumerateFiles(spool.Folder, Finished).Where(file => !unreadable.Contains(file)).Take(MaxFiles).ToList();
        var deliveries = files.Select(file => (File: file, Delivery: Read(file))).Where(read => read.Delivery is not null).ToList();
        if (TakeOver(deliveries!) > 0 && files.Count == MaxFiles)
            return true;
        spool.CountUnreadable(unreadable.Count + Directory.EnumerateFiles(spool.Folder, SetAside).Count());
        return false;
    }

    /// <returns>How many the spool has taken.</returns>
    private int TakeOver(List<(string File, Delivery Delivery)> read)
    {
        if (read.Count == 0 || spool.Write(read.ConvertAll(one => one.Delivery)) is not { } receipts)
            return 0;
        var taken = read.Where((_, at) => receipts[at] is not null).ToList();
        taken.ForEach(one => File.Delete(one.File));
        return taken.Count;
    }

    /// <returns>Null where the file cannot be read, or is not whole: it stays where it is, and is counted.</returns>
    private Delivery? Read(string file)
    {
        try
        {
            if (EarlierSpoolFile.Read(File.ReadAllBytes(file)) is { } delivery)
                return delivery;
            File.Move(file, file + SetAside[1..], overwrite: true);
            logger.SpoolFileDamaged(file);
        }
        catch (FileNotFoundException)
        {
            // The replica that wrote it has stored it.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (unreadable.Add(file))
                logger.SpoolFileUnreadable(file, failure.Message);
        }

        return null;
    }
}
