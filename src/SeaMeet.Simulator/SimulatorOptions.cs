using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SeaMeet.Simulator;

/// <summary>The section <c>Simulator</c>. Without any setting it is the demo, with the keys of the receiver's demo.</summary>
internal sealed class SimulatorOptions
{
    public const string Section = "Simulator";
    public const string DemoWorkspace = "demo";

    /// <summary>The bearer token that is taken.</summary>
    [Required]
    public string AccessToken { get; init; } = "demo-access-token";

    /// <summary>How long an upload URL works.</summary>
    public TimeSpan UploadUrlLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Seed of everything that happens by chance; the same seed, and the same calls in the same order, have the same faults.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The workspaces by their ids. Where none is set, <c>demo</c> with the receiver's demo key.</summary>
    public Dictionary<string, WorkspaceOptions> Workspaces { get; init; } = [];

    /// <summary>How jobs go.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <summary>How their callbacks are sent.</summary>
    public CallbackOptions Callbacks { get; init; } = new();

    /// <summary>Faults by operation: <c>CreateMeeting</c>, <c>DeleteMeeting</c>, <c>CreateUploadUrl</c>, <c>Upload</c>, <c>RunAnalysis</c>, <c>GetJob</c>.</summary>
    public Dictionary<string, FaultOptions> Faults { get; init; } = [];
}

/// <summary>A workspace, as Seasalt sets it up for a customer.</summary>
internal sealed class WorkspaceOptions
{
    /// <summary>Where its callbacks go; nowhere where it is not set.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>What signs them.</summary>
    public string SigningKey { get; init; } = "";
}

/// <summary>How jobs go.</summary>
internal sealed class JobOptions
{
    /// <summary>How long a job is QUEUED.</summary>
    public TimeSpan Queued { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it is STARTED.</summary>
    public TimeSpan Started { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The share of jobs that end as FAILED.</summary>
    [Range(0, 1)]
    public double FailureRate { get; init; }

    /// <summary>Answers a started analysis with the bare job, as the document's table has it, instead of <c>{"job": …}</c>, as its example has it.</summary>
    public bool Bare { get; init; }
}

/// <summary>The form of a callback: the document's, the one that the document captured on the wire, or a callback in each.</summary>
internal enum Envelope
{
    Documented,
    Captured,
    Both,
}

/// <summary>How callbacks are sent. Like the vendor's, each is sent once, whatever the answer.</summary>
internal sealed class CallbackOptions
{
    public Envelope Envelope { get; init; }

    /// <summary>Writes the payload as a string that holds JSON: one reading of the document's table.</summary>
    public bool PayloadAsString { get; init; }

    /// <summary>Escapes all but ASCII, as <c>json.dumps</c> does unless told otherwise.</summary>
    public bool EnsureAscii { get; init; } = true;

    /// <summary>How long after the end of its job a callback is sent.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The share that is sent twice, byte for byte.</summary>
    [Range(0, 1)]
    public double DuplicateRate { get; init; }

    /// <summary>The share that is held back until a later one was sent.</summary>
    [Range(0, 1)]
    public double ReorderRate { get; init; }

    /// <summary>The longest that one is held back where no later one comes.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The share that is not sent.</summary>
    [Range(0, 1)]
    public double DropRate { get; init; }

    /// <summary>The share that is signed with another key.</summary>
    [Range(0, 1)]
    public double WrongKeyRate { get; init; }
}

/// <summary>Shares of the requests to an operation that go wrong in each way; their sum is 1 at most.</summary>
internal sealed class FaultOptions
{
    /// <summary>Answered 503, not carried out.</summary>
    [Range(0, 1)]
    public double Unavailable { get; init; }

    /// <summary>Answered 500, not carried out.</summary>
    [Range(0, 1)]
    public double FailBefore { get; init; }

    /// <summary>Carried out, answered 500.</summary>
    [Range(0, 1)]
    public double FailAfter { get; init; }

    /// <summary>The connection is reset, nothing is carried out.</summary>
    [Range(0, 1)]
    public double ResetBefore { get; init; }

    /// <summary>Carried out, then the connection is reset.</summary>
    [Range(0, 1)]
    public double ResetAfter { get; init; }

    /// <summary>Carried out after a delay.</summary>
    [Range(0, 1)]
    public double Late { get; init; }

    /// <summary>That delay.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(500);

    public double Sum => Unavailable + FailBefore + FailAfter + ResetBefore + ResetAfter + Late;
}

/// <summary>Binds the options, and checks them at the start.</summary>
internal static class SimulatorSetup
{
    public static void AddSimulatorOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.Section).ValidateDataAnnotations().ValidateOnStart()
            .PostConfigure(AddDemo)
            .Validate(options => options.Workspaces.Values.All(workspace => workspace.CallbackUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }),
                "Simulator:Workspaces:{id}:CallbackUrl is an http:// or https:// address.")
            .Validate(options => options.Workspaces.Values.All(workspace => workspace.CallbackUrl is null || workspace.SigningKey.Length > 0),
                "Simulator:Workspaces:{id}:SigningKey is needed where CallbackUrl is set.")
            .Validate(options => options.Faults.Keys.All(key => Enum.TryParse<Operation>(key, out _)),
                $"Simulator:Faults:{{operation}} is one of {string.Join(", ", Enum.GetNames<Operation>())}.")
            .Validate(options => options.Faults.Values.All(faults => faults.Sum <= 1), "The shares of Simulator:Faults:{operation} sum to 1 at most.");
        builder.Services.AddSingleton(provider => provider.GetRequiredService<IOptions<SimulatorOptions>>().Value);
        builder.Services.AddSingleton(provider => new Chance(provider.GetRequiredService<SimulatorOptions>().Seed));
    }

    private static void AddDemo(SimulatorOptions options)
    {
        if (options.Workspaces.Count > 0)
            return;
        // The receiver's address and key of `dotnet run` and of docker-compose.yml (deploy/demo-secrets): public, for trying out only.
        options.Workspaces[SimulatorOptions.DemoWorkspace] = new WorkspaceOptions
        {
            CallbackUrl = new Uri("http://127.0.0.1:8080/callbacks/demo"),
            SigningKey = "kW3vZ8sQ1nR6tY0pL5mD2xJ7cB4hF9gA",
        };
    }
}

/// <summary>What happens by chance, the same way for the same seed.</summary>
internal sealed class Chance(int seed)
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    /// <returns>From 0 up to but not 1.</returns>
    public double Next()
    {
        lock (gate)
            return random.NextDouble();
    }

    public bool Happens(double rate) => rate > 0 && Next() < rate;
}
