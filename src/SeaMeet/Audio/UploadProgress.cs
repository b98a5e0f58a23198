namespace SeaMeet;

/// <summary>How far an upload is. It goes back to the start where a broken one is repeated.</summary>
/// <param name="Sent">Bytes handed to the network.</param>
/// <param name="Total">Bytes of the file.</param>
public readonly record struct UploadProgress(long Sent, long Total);
