using CallbackReceiver.Meetings.Searching;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What quotes mean, and what is a word.</summary>
public sealed class SearchQueryTests
{
    [Theory]
    [InlineData("foo bar", "foo|bar")]
    [InlineData("  foo \t bar\u3000", "foo|bar")]
    [InlineData("foo FOO ＦＯＯ", "foo")]
    [InlineData("\"foo bar\"", "foo bar")]
    [InlineData("\"foo\"\"bar\"", "foo|bar")]
    [InlineData("\"foo bar\"\"baz\" qux", "foo bar|baz|qux")]
    [InlineData("\"foo bar\"baz", "foo bar|baz")]
    [InlineData("\" foo\" baz", "foo|baz")]
    [InlineData("\"foo \" baz", "foo|baz")]
    [InlineData("\"  foo   bar  \"", "foo bar")]
    [InlineData("“foo bar” baz", "foo bar|baz")]
    [InlineData("„foo bar“ baz", "foo bar|baz")]
    [InlineData("«\u00a0foo bar\u00a0» baz", "foo bar|baz")]
    [InlineData("»foo bar« baz", "foo bar|baz")]
    [InlineData("＂foo bar＂", "foo bar")]
    [InlineData("〝foo bar〞", "foo bar")]
    [InlineData("“foo bar\"", "foo bar")]
    [InlineData("「foo bar」", "「foo|bar」")]
    [InlineData("\"foo bar", "foo bar")]
    [InlineData("baz \"foo bar", "baz|foo bar")]
    [InlineData("\"foo\" \"bar baz", "foo|bar baz")]
    [InlineData("foo \"", "foo")]
    [InlineData("foo \"\" bar", "foo|bar")]
    [InlineData("24\" screen", "24\"|screen")]
    [InlineData("foo\"bar\"", "foo\"bar\"")]
    [InlineData("it’s ‘so’", "it's|'so'")]
    [InlineData("'foo bar'", "'foo|bar'")]
    public void A_query_is_words_and_phrases(string query, string words) => Assert.Equal(words.Split('|'), SearchQuery.TryParse(query)?.Words);

    [Theory]
    [InlineData("")]
    [InlineData(" \u3000")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    [InlineData("“ ”")]
    [InlineData("\u200b\ufeff\u00ad")]
    [InlineData("a\0b")]
    [InlineData("a b c d e f g h i j k l m n o p q r s t u")]
    public void A_query_of_nothing_or_too_much_is_none(string query) => Assert.Null(SearchQuery.TryParse(query));
}
