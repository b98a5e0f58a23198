using System.Text.RegularExpressions;

namespace CallbackReceiver.Deliveries;

/// <summary>
/// Why a body did not fit, and where: the first of its errors, without the numbers that differ from body to body. "not JSON from byte 17 on" is
/// the reason "not JSON", and <c>/payload/transcript/3/text</c> the path <c>/payload/transcript/*/text</c>.
/// </summary>
internal static partial class QuarantineReason
{
    private const string Position = " from byte ";

    /// <summary>The reason of a row of <c>deliveries</c>. The index <c>ix_deliveries_reason</c> has this very expression.</summary>
    public const string ReasonInSql = $"""split_part(errors -> 0 ->> 'reason', '{Position}', 1) COLLATE "C" """;

    /// <summary>The path of a row of <c>deliveries</c>.</summary>
    public const string PathInSql = """regexp_replace(errors -> 0 ->> 'path', '/[0-9]+', '/*', 'g') COLLATE "C" """;

    /// <param name="reason">A reason as a delivery shows it, or as a group of the quarantine does.</param>
    public static string ReasonOf(string reason) => reason.Split(Position)[0];

    /// <param name="path">A path as a delivery shows it, or as a group of the quarantine does.</param>
    public static string PathOf(string path) => Number().Replace(path, "/*");

    [GeneratedRegex("/[0-9]+")]
    private static partial Regex Number();
}
