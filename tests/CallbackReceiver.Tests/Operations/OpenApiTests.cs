using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Client;
using CallbackReceiver.Tests.Infrastructure;

namespace CallbackReceiver.Tests.Operations;

/// <summary>What is checked in of the API's description is what the service serves, and others can work with it.</summary>
public sealed partial class OpenApiTests(Receiver receiver) : IClassFixture<Receiver>
{
    private const string Document = "docs/openapi.json";
    private const string Client = "tests/CallbackReceiver.Tests/Client/ReceiverClient.cs";
    private const string Requests = "docs/requests.http";

    [Fact]
    public async Task The_document_that_is_checked_in_is_the_one_that_is_served()
    {
        var served = await ServedAsync();

        Assert.StartsWith("3.1.", JsonElement.Parse(served).GetProperty("openapi").GetString(), StringComparison.Ordinal);
        CheckedIn.Is(Document, served);
    }

    [Fact]
    public async Task The_client_that_is_compiled_here_is_the_one_that_the_document_gives() => CheckedIn.Is(Client, await ClientGenerator.GenerateAsync(await ServedAsync()));

    [Fact]
    public async Task The_generated_client_lists_meetings_and_reads_one()
    {
        for (var n = 0; n < 3; n++)
            await receiver.Service.PostAsync("other", new CallbackBuilder($"client/{n}").Envelope("workspace_id", "other").Build(), Keys.Other);
        using var http = new HttpClient { BaseAddress = receiver.Service.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiAll) } };
        var client = new ReceiverClient(http);

        var first = await client.ListMeetingsAsync("other", limit: 2);
        var second = await client.ListMeetingsAsync("other", limit: 2, cursor: first.Next_cursor);
        var one = await client.GetMeetingAsync("other", "client/1");
        var wrong = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => client.ListMeetingsAsync("other", limit: 1000));

        Assert.Equal(["client/2", "client/1", "client/0"], first.Items.Concat(second.Items).Select(meeting => meeting.Meeting_id));
        Assert.Null(second.Next_cursor);
        Assert.Equal(("client/1", "Hi, I'm calling about my documents."), (one.Meeting_id, one.Transcript!.First().Text));
        Assert.Equal((400, "urn:callback-receiver:problem:bad-parameters"), (wrong.StatusCode, wrong.Result.Type));
    }

    [Fact]
    public async Task There_is_a_request_to_try_every_route()
    {
        var file = CheckedIn.Read(Requests);
        var requests = RequestLine().Matches(file).Select(line => (Method: line.Groups[1].Value, Path: line.Groups[2].Value)).ToList();

        foreach (var path in JsonElement.Parse(await ServedAsync()).GetProperty("paths").EnumerateObject())
        {
            var pattern = $"^{Regex.Replace(Regex.Escape(path.Name), @"\\\{[^}]*}", "[^/?]+")}(\\?|$)";
            Assert.All(path.Value.EnumerateObject(), operation => Assert.Contains(
                requests, request => request.Method.Equals(operation.Name, StringComparison.OrdinalIgnoreCase) && Regex.IsMatch(request.Path, pattern)));
        }

        var sample = CheckedIn.ReadBytes("tests/CallbackReceiver.Tests/Samples/documented.json");
        Assert.Equal([CallbackBuilder.Sign(sample, Keys.Demo)], SignatureLine().Matches(file).Select(line => line.Groups[1].Value).Distinct());
    }

    private async Task<string> ServedAsync() => (await receiver.Service.GetAsync("/swagger/v1/swagger.json", apiKey: null)).Body;

    [GeneratedRegex(@"^(GET|POST|DELETE) \{\{base}}(\S+)", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^X-Seasalt-Server-Signature: (\S+)", RegexOptions.Multiline)]
    private static partial Regex SignatureLine();
}
