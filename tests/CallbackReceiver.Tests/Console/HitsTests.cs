using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.WebConsole.Calls;

namespace CallbackReceiver.Tests.WebConsole;

/// <summary>Hits are marked in the text as it was written, whatever its folding looks like.</summary>
public sealed class HitsTests
{
    [Theory]
    [InlineData("Lost Parcel", "parcel", "Lost <mark>Parcel</mark>")]
    [InlineData("已上傳文件三次，文件", "文件", "已上傳<mark>文件</mark>三次，<mark>文件</mark>")]
    [InlineData("Die Straße", "STRASSE", "Die <mark>Straße</mark>")]
    [InlineData("two \n lines", "\"two lines\"", "<mark>two \n lines</mark>")]
    [InlineData("ｶﾀ", "カ", "<mark>ｶ</mark>ﾀ")]
    [InlineData("abcd", "abc bcd", "<mark>abcd</mark>")]
    [InlineData("a<b>", "<b", "a<mark>&lt;b</mark>&gt;")]
    [InlineData("😀 half", "half", "😀 <mark>half</mark>")]
    [InlineData("nothing", "else", "nothing")]
    [InlineData("", "else", "")]
    public void Are_marked(string text, string query, string expected) =>
        Assert.Equal(expected, Hits.In(text, SearchQuery.TryParse(query)!.Words).Marked.ToString().Replace("&#xA;", "\n", StringComparison.Ordinal).Replace("&#x1F600;", "😀", StringComparison.Ordinal));

    [Fact]
    public void An_excerpt_is_around_the_first_hit_and_says_what_is_left_out()
    {
        var text = new string('x', 100) + "文件" + new string('y', 100);

        var excerpt = Hits.In(text, ["文件"]).Excerpt(60).ToString();

        Assert.Equal("…" + new string('x', 40) + "<mark>文件</mark>" + new string('y', 18) + "…", excerpt);
    }

    [Fact]
    public void No_excerpt_cuts_a_character_in_two()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 50)) + "hit" + string.Concat(Enumerable.Repeat("😀", 50));

        for (var length = 45; length < 60; length++)
            Assert.DoesNotContain("\ufffd", Hits.In(text, ["hit"]).Excerpt(length).ToString(), StringComparison.Ordinal);
    }
}
