namespace CallbackReceiver.Callbacks;

/// <summary>Collects the reasons why a body does not fit, up to a number that is still read by a person.</summary>
internal sealed class SchemaErrors
{
    private const int Most = 20;

    private List<SchemaError>? errors;

    public bool Any => errors is not null;

    public void Add(string path, string reason)
    {
        errors ??= [];
        if (errors.Count < Most)
            errors.Add(new SchemaError(path, reason));
    }

    public IReadOnlyList<SchemaError> ToList() => errors ?? [];
}
