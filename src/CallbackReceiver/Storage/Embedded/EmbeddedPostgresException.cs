namespace CallbackReceiver.Storage.Embedded;

/// <summary>The service's own PostgreSQL cannot run; the message says why and what to do about it.</summary>
internal sealed class EmbeddedPostgresException : Exception
{
    /// <summary>What every way out has in common: a PostgreSQL run by somebody else.</summary>
    public const string UseAnother = "set ConnectionStrings:CallbackReceiver to a PostgreSQL of yours";

    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether another try may succeed though nobody mends anything. What fails the same way several times needs a person all the same.</summary>
    public bool IsWorthAnotherTry { get; init; }
}
