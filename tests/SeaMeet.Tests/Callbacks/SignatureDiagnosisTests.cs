using System.Text;
using SeaMeet.Cli.Callbacks;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Callbacks;

/// <summary>What is said to be at fault where a signature does not verify.</summary>
public sealed class SignatureDiagnosisTests
{
    private const string Key = ReceiverFixture.SigningKey;

    private static readonly byte[] Body = Sample("mandarin.json");
    private static readonly string Signature = CallbackSignature.Sign(Body, Key);

    [Fact]
    public void A_signature_as_it_was_made_is_right()
    {
        Assert.Equal(SignatureFault.None, SignatureDiagnosis.Of(Body, Key, Signature).Fault);
        Assert.Equal(SignatureFault.None, SignatureDiagnosis.Of(Body, Key, Signature.ToUpperInvariant()).Fault);
    }

    [Fact]
    public void Every_vector_of_the_samples_is_right()
    {
        using var vectors = System.Text.Json.JsonDocument.Parse(Sample("vectors.json"));

        Assert.All(vectors.RootElement.EnumerateArray(), vector => Assert.Equal(SignatureFault.None, SignatureDiagnosis.Of(
            Sample(vector.GetProperty("body").GetString()!), vector.GetProperty("key").GetString()!, vector.GetProperty("signature").GetString()!).Fault));
    }

    public static TheoryData<string, byte[], string> ChangedBodies => new()
    {
        { "a line break of an editor", [.. Body, (byte)'\n'], nameof(SignatureFault.Bytes) },
        { "indented", Encoding.UTF8.GetBytes(System.Text.Json.Nodes.JsonNode.Parse(Body)!.ToString()), nameof(SignatureFault.Bytes) },
        { "without spaces", Encoding.UTF8.GetBytes(System.Text.Json.Nodes.JsonNode.Parse(Body)!.ToJsonString()), nameof(SignatureFault.Bytes) },
        { "escapes written out", PythonForm.Of(Body, ensureAscii: false)!, nameof(SignatureFault.Encoding) },
        { "a byte order mark", [.. Encoding.UTF8.Preamble, .. Body], nameof(SignatureFault.Encoding) },
        { "UTF-16", Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Body)), nameof(SignatureFault.Encoding) },
        { "cut off", Body[..^20], nameof(SignatureFault.Bytes) },
        { "a word changed", Encoding.UTF8.GetBytes("{\"edited\":true,\n" + Encoding.UTF8.GetString(Body)[1..]), nameof(SignatureFault.Bytes) },
        { "empty", [], nameof(SignatureFault.Bytes) },
    };

    [Theory]
    [MemberData(nameof(ChangedBodies))]
    public void A_body_that_changed_is_at_fault(string change, byte[] body, string expected)
    {
        Assert.NotEmpty(change);
        Assert.Equal(expected, SignatureDiagnosis.Of(body, Key, Signature).Fault.ToString());
    }

    [Fact]
    public void Raw_UTF8_that_was_read_as_Latin1_is_an_encoding_at_fault()
    {
        var raw = Sample("mandarin-utf8.json");
        var mangled = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(raw));

        Assert.Equal(SignatureFault.Encoding, SignatureDiagnosis.Of(mangled, Key, CallbackSignature.Sign(raw, Key)).Fault);
    }

    [Theory]
    [InlineData("aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF")] // another key
    [InlineData("\"" + Key + "\"")]
    [InlineData("Workspaces__demo__Keys__0=" + Key)]
    [InlineData("kW3v Z8sQ1nR6tY0p L5mD2xJ7cB4hF9gA")]
    [InlineData("too-short")]
    public void A_key_that_is_another_is_at_fault(string key)
    {
        var diagnosis = SignatureDiagnosis.Of(Body, key, Signature);

        Assert.Equal(SignatureFault.Key, diagnosis.Fault);
        Assert.DoesNotContain(Key, diagnosis.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("nonsense")]
    public void A_malformed_signature_is_at_fault(string prefix)
    {
        var cut = prefix.Length == 0 ? Signature[..^1] : prefix + Signature;

        Assert.Equal(SignatureFault.Signature, SignatureDiagnosis.Of(Body, Key, cut).Fault);
    }

    [Fact]
    public void The_right_signature_is_never_told()
    {
        var wrong = new string('0', 64);

        Assert.DoesNotContain(Signature, SignatureDiagnosis.Of(Body, Key, wrong).Explanation, StringComparison.Ordinal);
    }

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));
}
