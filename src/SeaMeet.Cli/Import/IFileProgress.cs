namespace SeaMeet.Cli.Import;

/// <summary>What a person sees of one recording's way.</summary>
internal interface IFileProgress : IProgress<UploadProgress>
{
    /// <summary>What it does now.</summary>
    void Step(string what);

    /// <summary>What became of it.</summary>
    void End(ImportResult result);
}

/// <summary>What a person sees of an import.</summary>
internal interface IImportProgress
{
    IFileProgress Begin(string path);
}
