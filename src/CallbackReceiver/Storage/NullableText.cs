using Npgsql;

namespace CallbackReceiver.Storage;

/// <summary>Reads texts that may be null.</summary>
internal static class NullableText
{
    public static string? GetNullableText(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
