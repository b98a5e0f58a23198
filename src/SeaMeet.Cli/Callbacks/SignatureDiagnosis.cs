using System.Text;

namespace SeaMeet.Cli.Callbacks;

/// <summary>What is wrong where a signature does not verify.</summary>
internal enum SignatureFault
{
    None,
    Signature,
    Key,
    Bytes,
    Encoding,
}

/// <summary>
/// Finds out why a signature does not verify: it tries what commonly happens to a body or to a key on their way, until the signature
/// fits. Where nothing fits, it goes by whether the bytes look as SeaMeet writes them.
/// </summary>
internal sealed record SignatureDiagnosis(SignatureFault Fault, string Explanation)
{
    private const int HexLength = 64;

    public static SignatureDiagnosis Of(byte[] body, string key, string signature)
    {
        if (CallbackSignature.Verify(body, key, signature))
            return new(SignatureFault.None, "The signature is right: the body was signed with this key, and has not changed.");
        if (OfSignature(body, key, signature) is { } ofSignature)
            return ofSignature;
        foreach (var (body2, fault, change) in Bodies(body))
        {
            if (CallbackSignature.Verify(body2, key, signature))
                return new(fault, $"The {(fault == SignatureFault.Encoding ? "encoding is" : "bytes are")} at fault, the key is right: {change}. Verify the raw bytes of the request, before anything reads them.");
        }

        foreach (var (key2, change) in Keys(key))
        {
            if (CallbackSignature.Verify(body, key2, signature))
                return new(SignatureFault.Key, $"The key is at fault, the body is right: the signature fits the key {change}.");
        }

        return ByLooks(body, key);
    }

    private static SignatureDiagnosis? OfSignature(byte[] body, string key, string signature)
    {
        if (signature.Length == HexLength && signature.All(char.IsAsciiHexDigit))
            return null;
        var digits = new string([.. signature.Where(char.IsAsciiHexDigit)]);
        var bare = signature.Trim().Trim('"', '\'');
        bare = bare[(bare.LastIndexOfAny([' ', '=', ':']) + 1)..];
        return CallbackSignature.Verify(body, key, bare) || CallbackSignature.Verify(body, key, digits)
            ? new(SignatureFault.Signature, "The signature is right but for what stands around it: the header's value is 64 hexadecimal digits, and nothing else.")
            : new(SignatureFault.Signature, $"The signature is malformed: it is {signature.Length} characters long, not 64 hexadecimal digits.");
    }

    /// <summary>What the signed body may have been, and what happened to it since.</summary>
    private static IEnumerable<(byte[] Body, SignatureFault Fault, string Change)> Bodies(byte[] body)
    {
        if (body.AsSpan().StartsWith(Encoding.UTF8.Preamble))
            yield return (body[Encoding.UTF8.Preamble.Length..], SignatureFault.Encoding, "a byte order mark was put before the body");
        if (DecodeUtf16(body) is { } text)
            yield return (Encoding.UTF8.GetBytes(text), SignatureFault.Encoding, "the body was written as UTF-16; it was signed as UTF-8");
        yield return (Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(body)), SignatureFault.Encoding, "the body was read as Latin-1 and written as UTF-8");
        yield return (TrimEnd(body), SignatureFault.Bytes, "a line break or spaces were put after the body, as editors do");
        yield return (Replace(body, "\r\n", "\n"), SignatureFault.Bytes, "line breaks became CR LF");
        yield return ([.. body, (byte)'\n'], SignatureFault.Bytes, "a line break after the body was cut off");
        foreach (var (ensureAscii, form) in (IEnumerable<(bool, string)>)[(true, "with \\u escapes for all but ASCII"), (false, "with raw UTF-8")])
        {
            if (PythonForm.Of(body, ensureAscii) is not { } python)
                continue;
            var onlyEscapes = PythonForm.Of(body, !ensureAscii) is { } other && other.AsSpan().SequenceEqual(body);
            yield return (python, onlyEscapes ? SignatureFault.Encoding : SignatureFault.Bytes, $"the JSON was read and written anew; what was signed is the form of Python's json.dumps {form}");
        }
    }

    private static IEnumerable<(string Key, string Change)> Keys(string key)
    {
        yield return (key.Trim().Trim('"', '\'', '`'), "without the quotes around it");
        yield return (new string([.. key.Where(letter => !char.IsWhiteSpace(letter))]), "without the spaces in it");
        yield return (new string([.. key.Where(char.IsAsciiLetterOrDigit)]), "with its letters and digits only");
        yield return (key[(key.LastIndexOfAny(['=', ':']) + 1)..].Trim().Trim('"', '\''), "without the name before it");
        yield return (key.ToLowerInvariant(), "in lower case");
        yield return (key.ToUpperInvariant(), "in upper case");
        yield return (key + "\n", "with a line break after it, which means that Seasalt's side has one");
    }

    private static SignatureDiagnosis ByLooks(byte[] body, string key)
    {
        if (key.Length != CallbackSignature.KeyLength || !key.All(char.IsAsciiLetterOrDigit))
            return new(SignatureFault.Key, $"The key is at fault: it is not the {CallbackSignature.KeyLength} ASCII letters and digits that Seasalt gives out.");
        var looksRight = PythonForm.Of(body, ensureAscii: true) is { } escaped && escaped.AsSpan().SequenceEqual(body);
        return looksRight
            ? new(SignatureFault.Key, "Most likely the key is at fault: the bytes look exactly as SeaMeet writes them. Is it another workspace's key, or one from before a rotation?")
            : new(SignatureFault.Bytes, "Most likely the bytes are at fault: they do not look as SeaMeet writes them (Python's json.dumps), and nothing that was tried brings them back. Was the body cut off, edited or parsed on the way?");
    }

    private static string? DecodeUtf16(byte[] body) => body switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(body, 2, body.Length - 2),
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(body, 2, body.Length - 2),
        [not 0, 0, ..] => Encoding.Unicode.GetString(body),
        [0, not 0, ..] => Encoding.BigEndianUnicode.GetString(body),
        _ => null,
    };

    private static byte[] TrimEnd(byte[] body) => body.AsSpan().TrimEnd(" \t\r\n"u8).ToArray();

    private static byte[] Replace(byte[] body, string from, string to) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(body).Replace(from, to, StringComparison.Ordinal));
}
