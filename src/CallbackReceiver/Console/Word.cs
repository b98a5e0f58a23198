namespace CallbackReceiver.WebConsole;

/// <summary>The languages of the console.</summary>
internal enum Language
{
    English,
    TraditionalChinese,
}

/// <summary>Something that the console says, in each of its languages.</summary>
internal readonly record struct Word(string English, string TraditionalChinese)
{
    public string In(Language language) => language == Language.TraditionalChinese ? TraditionalChinese : English;
}
