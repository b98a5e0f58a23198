using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Storage;

/// <summary>Sends rows as columns: one array parameter each, for <c>unnest</c>.</summary>
internal static class ArrayColumn
{
    public static NpgsqlParameter<TValue[]> Of<TRow, TValue>(List<TRow> rows, NpgsqlDbType elementType, Converter<TRow, TValue> value) =>
        new() { TypedValue = [.. rows.ConvertAll(value)], NpgsqlDbType = NpgsqlDbType.Array | elementType };
}
