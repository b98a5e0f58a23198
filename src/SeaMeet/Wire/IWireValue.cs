namespace SeaMeet;

/// <summary>A word of the API, of a set that may grow: what is not known here is kept as it came.</summary>
internal interface IWireValue<TSelf>
    where TSelf : struct, IWireValue<TSelf>
{
    string Value { get; }

    static abstract TSelf Of(string value);
}
