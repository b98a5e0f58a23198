using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Storage;

/// <summary>Sends rows as columns: one array parameter each, for <c>unnest</c>.</summary>
internal static class ArrayColumn
{
    public static NpgsqlParameter<TValue[]> Of<TRow, TValue>(List<TRow> rows, NpgsqlDbType elementType, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | elementType };
    }
}
