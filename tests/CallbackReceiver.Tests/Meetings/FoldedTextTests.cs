using System.Text;
using System.Text.Json;
using CallbackReceiver.Meetings.Searching;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Meetings;

/// <summary>What is the same to a reader is folded to the same, and PostgreSQL's own tables of Unicode agree.</summary>
[Trait("Category", "Storage")]
public sealed class FoldedTextTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>What is composed, mapped to much, dropped, or ordered; white space, quotes, and halves of characters.</summary>
    private const string Unusual =
        "aAiIİıeEéÉßẞsSſσςΣάΆͅᾳЙйԱևﬁﬀ①㍿㌀ﷺﷻ½ａＡｶﾞﾊﾟガ゙かゟ가각한각ᅠ\u0307\u0300\u0301\u0323\u0327\u0328\u0338\u0344\u0345\u05bf\u093c\u0bbe\u09d7\u3099\u034f"
        + "\u00ad\u200b\u200c\u200d\ufeff\ufe0f\u180b\u2060 \u00a0\u2003\u3000\u0085\t\n\u2028\u1680“”„‟«»〝‘’‚‛´ʼ'\"¨ͺ\u212b\u212a\u2126\u0149\u1e9b\u0f0b\u1100\u2f00\ufa0e豈\ufffd\ud800\udc00\ud83d\ude00\ud834\udd5e\udb40\udd00";

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Char[Unusual].Array[0, 12].Select(units => new string(units)),
        Gen.Char.Array[0, 8].Select(units => new string(units)),
        Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Array[0, 6].Select(points => string.Concat(points.Select(char.ConvertFromUtf32))),
        Gen.Select(Gen.Char.AlphaNumeric.Array[0, 1100].Select(units => new string(units)), Gen.Char[Unusual].Array[0, 4]).Select((plain, units) => plain + new string(units) + plain));

    [Theory]
    [InlineData("Straße", "STRASSE")]
    [InlineData("Straße", "STRAẞE")]
    [InlineData("ΣΊΣΥΦΟΣ", "Σίσυφος")]
    [InlineData("ΣΊΣΥΦΟΣ", "σίσυφοσ")]
    [InlineData("İSTANBUL", "istanbul")]
    [InlineData("I\u0307stanbul", "İstanbul")]
    [InlineData("DİYARBAKIR", "Diyarbakır")]
    [InlineData("ｶﾞｷﾞ", "ガギ")]
    [InlineData("カ\u3099", "ガ")]
    [InlineData("ﾊﾟﾝ", "パン")]
    [InlineData("ﬁnance", "finance")]
    [InlineData("①", "1")]
    [InlineData("㍿", "株式会社")]
    [InlineData("ＡＢＣ１２３", "abc123")]
    [InlineData("so\u00adft", "soft")]
    [InlineData("zero\u200bwidth", "zerowidth")]
    [InlineData("na\u200cme\u200d", "name")]
    [InlineData("\ufeffbom", "bom")]
    [InlineData("❤\ufe0f", "❤")]
    [InlineData("葛\udb40\udd00", "葛")]
    [InlineData("“quotes” „so“ «too»", "\"quotes\" \"so\" \"too\"")]
    [InlineData("it’s it´s itʼs ‹so›", "it's it's it's 'so'")]
    [InlineData("e\u0301te\u0301", "ÉTÉ")]
    [InlineData("a\u0323\u0302", "ậ")]
    [InlineData("a\u0302\u0323", "Ậ")]
    [InlineData("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8")]
    [InlineData(" a\u00a0\u2003b\u200b \u200b c ", "a b c")]
    [InlineData("㎏", "KG")]
    [InlineData("Å", "\u212b")]
    [InlineData("…", "...")]
    [InlineData("𝐁𝐨𝐥𝐝", "bold")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("ᏣᎳᎩ", "ꮳꮃꭹ")]
    public void What_is_the_same_to_a_reader_is_folded_to_the_same(string text, string other) => Assert.Equal(FoldedText.Of(other), FoldedText.Of(text));

    [Theory]
    [InlineData("resume", "résumé")]
    [InlineData("か", "が")]
    [InlineData("가", "각")]
    [InlineData("台灣", "台湾")]
    [InlineData("「", "\"")]
    public void What_is_not_the_same_stays_apart(string text, string other) => Assert.DoesNotContain(FoldedText.Of(text), FoldedText.Of(other), StringComparison.Ordinal);

    [Fact]
    public void Half_of_a_character_is_what_UTF_8_makes_of_it() => Assert.Equal("\ufffdx\ufffd\ufffd", FoldedText.Of("\ud800x\udc00\ud800"));

    [Fact]
    public void Text_of_ideographs_kana_and_small_letters_stays_as_it_is()
    {
        const string text = "客戶需要補件。お客様のカード、고객님 é ü ш 😀 𠮷 1%";
        Assert.Equal(text, FoldedText.Of(text));
    }

    [Fact]
    public void The_longest_that_one_character_becomes_fits() =>
        Assert.Equal(string.Concat(Enumerable.Repeat(FoldedText.Of("ﷺ"), 100_000)), FoldedText.Of(new string('ﷺ', 100_000)));

    [Fact]
    public void A_million_marks_on_one_letter_are_folded_and_in_order()
    {
        var text = "q" + string.Concat(Enumerable.Repeat("\u0301\u0323", 500_000));
        Assert.Equal("q" + new string('\u0323', 500_000) + new string('\u0301', 500_000), FoldedText.Of(text));
    }

    [Fact]
    public void Folded_text_is_folded_already() => Texts.Sample(text => Assert.Equal(FoldedText.Of(text), FoldedText.Of(FoldedText.Of(text))), iter: 20_000);

    [Fact]
    public void A_word_is_found_between_others_however_it_is_written() => Gen.Select(Texts, Texts, Texts).Sample((before, text, after) =>
    {
        var whole = FoldedText.Of($"{before} {text} {after}");
        Assert.Contains(FoldedText.Of(text), whole, StringComparison.Ordinal);
        Assert.Contains(FoldedText.Of(Scalars(text).ToUpperInvariant()), FoldedText.Of($"{before} {Scalars(text).ToUpperInvariant()} {after}"), StringComparison.Ordinal);
    }, iter: 20_000);

    [Fact]
    public void Capital_and_small_letters_are_folded_to_the_same() => Gen.Char.Array[0, 8].Select(units => new string(units)).Sample(
        text => Assert.Equal(FoldedText.Of(text.ToLowerInvariant()), FoldedText.Of(text.ToLowerInvariant().ToUpperInvariant().ToLowerInvariant())), iter: 20_000);

    [Fact]
    public void A_meeting_s_text_is_the_same_in_its_fields_as_in_its_transcript() => Gen.Select(Texts, Texts).Sample((field, segment) =>
    {
        using var folded = FoldedText.Of([field, null], JsonSerializer.SerializeToUtf8Bytes(new[] { new { text = Scalars(segment), speaker = "Jane" } }));
        var expected = new[] { FoldedText.Of(field), FoldedText.Of(segment) }.Where(text => text.Length > 0).Select(text => text + FoldedText.Separator);
        Assert.Equal(string.Concat(expected), Encoding.UTF8.GetString(folded.Span));
    }, iter: 5000);

    [Fact]
    public void Text_that_the_version_before_folded_is_folded_as_if_it_had_not_been() => Texts.Where(text => !text.EnumerateRunes().Any(HasCaseSinceUnicode16)).Array[0, 4].Sample(fields =>
    {
        using var again = FoldedText.Again(Encoding.UTF8.GetBytes(string.Concat(fields.Select(FoldedBefore))));
        using var anew = FoldedText.Of(fields, "[]"u8);
        Assert.Equal(Encoding.UTF8.GetString(anew.Span), Encoding.UTF8.GetString(again.Span));
    }, iter: 20_000);

    [Fact]
    public async Task PostgreSQL_finds_folded_text_normal_and_composed_as_its_own()
    {
        var texts = new List<string>();
        Gen.Char[Unusual.Replace("\ud834\udd5e", "", StringComparison.Ordinal)].Array[1, 12].Select(units => Scalars(new string(units))).Sample(text => texts.Add(text), iter: 5000, threads: 1);
        var folded = texts.ConvertAll(FoldedText.Of);

        await using var command = database.DataSource.CreateCommand("SELECT text FROM unnest($1) AS text WHERE text IS NOT NFKC NORMALIZED");
        command.Parameters.Add(new() { Value = folded.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var others = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            others.Add(string.Join(' ', reader.GetString(0).EnumerateRunes().Select(rune => $"{rune.Value:X}")));
        Assert.Empty(others);
    }

    /// <summary>.NET knows these as capital letters, and the table does not yet.</summary>
    private static bool HasCaseSinceUnicode16(Rune rune) => rune.Value is 0x1C89 or 0xA7CB or 0xA7CC or 0xA7DA or 0xA7DC or (>= 0x10D50 and <= 0x10D65);

    /// <summary>Lower case, full-width forms as ASCII, white space as one space; nothing more.</summary>
    private static string FoldedBefore(string text)
    {
        var words = Scalars(text).Split([.. Enumerable.Range(0, 0x10000).Select(unit => (char)unit).Where(char.IsWhiteSpace)], StringSplitOptions.RemoveEmptyEntries);
        var narrow = string.Join(' ', words).Select(unit => unit is >= '\uff01' and <= '\uff5e' ? (char)(unit - '\uff01' + '!') : unit);
        return words.Length == 0 ? "" : string.Concat(narrow).ToLowerInvariant() + FoldedText.Separator;
    }

    /// <summary>As UTF-8 has it: a half of a character alone is the replacement character.</summary>
    private static string Scalars(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
