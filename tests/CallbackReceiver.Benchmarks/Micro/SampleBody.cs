using System.Security.Cryptography;
using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Benchmarks.Load;
using CallbackReceiver.Callbacks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Benchmarks.Micro;

/// <summary>A signed body, and what verifies it.</summary>
internal sealed class SampleBody
{
    private const string WorkspaceId = "demo";
    private const string Key = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA";

    private readonly SignatureVerifier verifier;
    private readonly string signature;
    private readonly byte[] body;

    private SampleBody(byte[] body)
    {
        this.body = body;
        signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Key), body));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Workspaces:{WorkspaceId}:Keys:0", Key)]).Build();
        verifier = new SignatureVerifier(new ReloadingSetting<SigningKeys>(configuration, SigningKeys.Read, NullLogger.Instance));
    }

    /// <summary>A call of some minutes: the body of <c>ingest</c>.</summary>
    public static SampleBody Ordinary()
    {
        var template = CallbackTemplate.Create(WorkspaceId, 3800, seed: 0);
        foreach (var offset in template.IdOffsets)
            CallbackNumber.WriteId(0, template.Body.AsSpan(offset, CallbackNumber.IdLength));
        return new SampleBody(template.Body);
    }

    /// <summary>A call of two hours in Chinese.</summary>
    public static SampleBody TwoHours() => new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "two-hours.json")));

    public VerifiedBody Verify() => verifier.Verify(WorkspaceId, Signature.Parse(signature), body) ?? throw new InvalidOperationException("The signature does not fit.");

    public Analysis Analysis() => CallbackParser.Parse(Verify()) is ParsedCallback.Analysed analysed
        ? analysed.Analysis
        : throw new InvalidOperationException("The body is not an analysis.");
}
