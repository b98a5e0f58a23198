namespace CallbackReceiver.Meetings;

/// <summary>
/// Where a meeting's items and metadata are read from: from the text that was sent, or, where a version before that text was stored has stored
/// the analysis, from jsonb (docs/decisions/0060).
/// </summary>
internal static class StoredMembers
{
    /// <summary>jsonb of so many bytes is never longer than some hundred times that as text, whatever its numbers are.</summary>
    private const int HarmlessBytes = 512;

    /// <summary>So many digits more than were sent are shown of jsonb.</summary>
    private const int MaxDigitsWrittenOut = 16 * 1024 * 1024;

    /// <summary>Of a meeting <c>m</c>: the text of such a column, and its jsonb; both null where PostgreSQL would write out too many digits.</summary>
    public static string Columns(string column) => $"""
        CASE WHEN jsonb_typeof(m.{column}) = 'null' THEN m.{column}_as_sent END AS {column}_as_sent,
        CASE WHEN jsonb_typeof(m.{column}) <> 'null' AND {DigitsWrittenOut(column)} <= {MaxDigitsWrittenOut} THEN m.{column} END AS {column}
        """;

    /// <summary>Of a meeting <c>m</c>: about how many bytes the <see cref="Columns"/> have.</summary>
    public static string Bytes(string column) => $"""
        coalesce(octet_length(m.{column}_as_sent), 0)
            + (SELECT CASE WHEN digits <= {MaxDigitsWrittenOut} THEN {BytesOfJsonb(column)} + digits ELSE 0 END FROM (SELECT {DigitsWrittenOut(column)} AS digits OFFSET 0) AS once)
        """;

    /// <summary>Taking nothing of it, PostgreSQL gives the whole value, uncompressed.</summary>
    private static string BytesOfJsonb(string column) => $$"""pg_column_size(m.{{column}} #> '{}')""";

    /// <summary>At most so many: digits are not counted, as that would write them.</summary>
    /// <remarks>By way of an array: PostgreSQL gives what a path finds one by one in a time that grows with the square of their number.</remarks>
    private static string DigitsWrittenOut(string column) => $$"""
        CASE WHEN {{BytesOfJsonb(column)}} <= {{HarmlessBytes}} THEN 0 ELSE (
            SELECT coalesce(sum(scale(n) + CASE WHEN abs(n) < 1e60 THEN 0 WHEN abs(n) < 1e310 THEN 310 WHEN abs(n) < 1e4400 THEN 4400 ELSE 131072 END), 0)
            FROM (SELECT v::numeric AS n FROM jsonb_array_elements(jsonb_path_query_array(m.{{column}}, 'strict $.** ? (@.type() == "number")')) AS v) AS numbers) END
        """;
}
