using System.CommandLine;
using System.Net.Http.Headers;

namespace SeaMeet.Cli.Callbacks;

/// <summary><c>seameet callback send</c>: posts a body with its signature, as SeaMeet does.</summary>
internal sealed class SendCommand
{
    /// <summary>How many may wait for their answers where a rate is wanted.</summary>
    private const int MostUnderWay = 64;

    private const int MostShown = 300;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(60);

    private readonly Argument<FileInfo> file = new("FILE") { Description = "The body: its bytes are sent as they are." };
    private readonly Option<string?> url = Setting.Text("--url", "The callback URL; without it, that of the workspace at the receiver.");
    private readonly Option<string?> receiver = Setting.Text("--receiver", "The address of the callback receiver.", "SEAMEET_RECEIVER");
    private readonly Option<string?> workspaceId = Setting.Text("--workspace-id", "The workspace.", "SEAMEET_WORKSPACE_ID", "--workspace");
    private readonly Option<string?> signature = Setting.Text("--signature", "Sends this signature instead of the right one.");
    private readonly Option<int> repeat = Setting.Count("--repeat", "How often the same bytes are sent.", 1);
    private readonly Option<double?> rate = new("--rate") { Description = "How many a second; without it, one after another.", HelpName = "N" };
    private readonly Secret signingKey = CallbackCommand.SigningKey();

    public Command Build()
    {
        rate.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<double?>() is not (> 0 and <= 100_000))
                result.AddError("--rate is more than 0.");
        });
        var command = new Command("send", "Posts a body with its signature, as SeaMeet does.") { file, url, receiver, workspaceId, signingKey.File, signature, repeat, rate };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellationToken)
    {
        var body = CallbackCommand.ReadBody(command.GetRequiredValue(file));
        var address = Address(command);
        var signed = command.GetValue(signature) ?? CallbackSignature.Sign(body, signingKey.Read(command));
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = CallTimeout };
        var answers = new AnswerCount();
        await SendAllAsync(command.GetValue(repeat), command.GetValue(rate), async () => answers.Add(await SendAsync(http, address, body, signed, cancellationToken)), cancellationToken);
        answers.Show();
        return answers.ExitCode;
    }

    private Uri Address(ParseResult command)
    {
        if (command.GetValue(url) is { } text)
            return Setting.Address(text, url.Name);
        if (command.GetValue(receiver) is not { } root || command.GetValue(workspaceId) is not { } workspace)
            throw new CommandException(ExitCode.Usage, "Where to? --url names the callback URL; or --receiver and --workspace-id make it up.");
        return new Uri($"{Setting.Address(root, receiver.Name).AbsoluteUri.TrimEnd('/')}/callbacks/{Uri.EscapeDataString(workspace)}");
    }

    private static async Task SendAllAsync(int count, double? perSecond, Func<Task> send, CancellationToken cancellationToken)
    {
        if (perSecond is not { } wanted)
        {
            for (var i = 0; i < count; i++)
                await send();
            return;
        }

        var started = TimeProvider.System.GetTimestamp();
        using var underWay = new SemaphoreSlim(MostUnderWay);
        for (var i = 0; i < count; i++)
        {
            var early = TimeSpan.FromSeconds(i / wanted) - TimeProvider.System.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, cancellationToken);
            await underWay.WaitAsync(cancellationToken);
            _ = ReleaseAfterAsync(send, underWay);
        }

        for (var i = 0; i < MostUnderWay; i++)
            await underWay.WaitAsync(cancellationToken);
    }

    private static async Task ReleaseAfterAsync(Func<Task> send, SemaphoreSlim underWay)
    {
        try
        {
            await send();
        }
        catch (OperationCanceledException)
        {
            // The loop that sends ends by the same token.
        }
        finally
        {
            underWay.Release();
        }
    }

    /// <returns>The status, 0 where there is no answer, and the body or the reason.</returns>
    private static async Task<(int Status, string Text)> SendAsync(HttpClient http, Uri address, byte[] body, string signature, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TryAddWithoutValidation(CallbackSignature.HeaderName, signature);
            using var answer = await http.SendAsync(request, cancellationToken);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (0, $"{address} cannot be reached: {exception.Message}");
        }
    }

    /// <summary>Counts answers, and keeps the first of each kind to show.</summary>
    private sealed class AnswerCount
    {
        private readonly Lock gate = new();
        private readonly Dictionary<(int Status, string Outcome), (int Count, string First)> kinds = [];

        public int ExitCode =>
            kinds.Keys.Any(kind => kind.Status == 0) ? Cli.ExitCode.ReceiverUnreachable
            : kinds.Keys.All(kind => kind.Status is >= 200 and < 300) ? Cli.ExitCode.Success
            : Cli.ExitCode.CallbackRefused;

        public void Add((int Status, string Text) answer)
        {
            var kind = (answer.Status, OutcomeOf(answer.Text));
            lock (gate)
                kinds[kind] = kinds.TryGetValue(kind, out var known) ? (known.Count + 1, known.First) : (1, answer.Text);
        }

        public void Show()
        {
            foreach (var ((status, _), (count, first)) in kinds)
            {
                var shown = Output.Printable(first.Length > MostShown ? first[..MostShown] + "…" : first);
                (status is >= 200 and < 300 ? Console.Out : Console.Error).WriteLine($"{(count > 1 ? $"{count} times " : "")}{(status == 0 ? "no answer" : status)}: {shown}");
            }
        }

        private static string OutcomeOf(string answer)
        {
            try
            {
                return System.Text.Json.JsonElement.Parse(answer) is { ValueKind: System.Text.Json.JsonValueKind.Object } json && json.TryGetProperty("outcome", out var outcome)
                    ? outcome.ToString()
                    : "";
            }
            catch (System.Text.Json.JsonException)
            {
                return "";
            }
        }
    }
}
