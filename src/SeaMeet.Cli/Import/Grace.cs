namespace SeaMeet.Cli.Import;

/// <summary>
/// A token that is cancelled a while after another: for calls that shall come to their end, since it is not known what they did where they
/// are broken off.
/// </summary>
internal sealed class Grace : IDisposable
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource source = new();
    private readonly CancellationTokenRegistration registration;

    public Grace(CancellationToken cancellationToken) => registration = cancellationToken.Register(() => source.CancelAfter(Length));

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        registration.Dispose();
        source.Dispose();
    }
}
