using System.Net;
using System.Text;

namespace SeaMeet;

/// <summary>An answer that is no success. The document gives no shape for its body, only names that may stand in it.</summary>
internal sealed record Refusal(HttpStatusCode Status, byte[] Body)
{
    private const int MostQuoted = 300;

    public bool Mentions(string word) => Text.Contains(word, StringComparison.OrdinalIgnoreCase);

    public string Describe()
    {
        var quoted = new string([.. Text.Take(MostQuoted).Select(letter => char.IsControl(letter) ? ' ' : letter)]).Trim();
        return $"SeaMeet answers {(int)Status}{(quoted.Length > 0 ? $" ({quoted})" : "")}.";
    }

    private string Text => Encoding.UTF8.GetString(Body);
}
