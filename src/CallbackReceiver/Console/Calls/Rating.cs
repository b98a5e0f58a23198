namespace CallbackReceiver.WebConsole.Calls;

/// <summary>A rating as it is shown: always with its letter, since not everybody tells the colours apart.</summary>
internal static class Rating
{
    /// <summary>How the query API calls that there is no rating.</summary>
    public const string None = "null";

    public static readonly string[] All = ["A", "B", "C", "D", "E", None];

    /// <summary>The class of the style sheet.</summary>
    public static string ClassOf(string? rating) => rating is null or None ? "none" : rating;

    public static string NameOf(PageContext page, string? rating) => rating is null or None ? page[Words.NotRated] : rating;

    public static Html Badge(PageContext page, string? rating, Word of) => $"""
        <span class="rating {ClassOf(rating)}" title="{page[of]}: {NameOf(page, rating)}">{(rating is null or None ? "–" : rating)}</span>
        """;
}
