namespace CallbackReceiver.Meetings;

/// <summary>The order of a list of meetings: by the time of receiving, and by id within a moment.</summary>
internal enum SortOrder
{
    NewestFirst,
    OldestFirst,
}

/// <summary>The parameter that asks for an order.</summary>
internal static class SortOrders
{
    private const string NewestFirst = "-received_at";
    private const string OldestFirst = "received_at";

    public static readonly QueryParameter Parameter = new(
        "sort", $"`{NewestFirst}`, those received last first, unless given.", $"expected {NewestFirst} or {OldestFirst}")
    { Values = [NewestFirst, OldestFirst] };

    extension(SortOrder order)
    {
        /// <summary>How what comes later in the list compares to what comes first, and what stands behind a column to sort by it.</summary>
        public (string Later, string Direction) InSql => order == SortOrder.NewestFirst ? ("<", "DESC") : (">", "");
    }

    public static SortOrder Read(QueryReader query) => query.ReadText(Parameter, Parameter.Values!.Contains) == OldestFirst ? SortOrder.OldestFirst : SortOrder.NewestFirst;
}
