using System.Text.Json;
using CallbackReceiver.Operations;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace CallbackReceiver.Tests.Operations;

/// <summary>The OpenAPI document is complete, so that a reader needs no other.</summary>
public sealed class SwaggerTests(Receiver receiver) : IClassFixture<Receiver>
{
    [Fact]
    public async Task Document_names_every_route()
    {
        Assert.Equal(
            [
                "delete /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}",
                "get /api/v1/workspaces",
                "get /api/v1/workspaces/{workspace_id}/audit",
                "get /api/v1/workspaces/{workspace_id}/deliveries",
                "get /api/v1/workspaces/{workspace_id}/deliveries/counts",
                "get /api/v1/workspaces/{workspace_id}/deliveries/quarantine",
                "get /api/v1/workspaces/{workspace_id}/deliveries/{delivery_id}",
                "get /api/v1/workspaces/{workspace_id}/deliveries/{delivery_id}/body",
                "get /api/v1/workspaces/{workspace_id}/events",
                "get /api/v1/workspaces/{workspace_id}/export",
                "get /api/v1/workspaces/{workspace_id}/keys",
                "get /api/v1/workspaces/{workspace_id}/meetings",
                "get /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}",
                "get /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}/neighbours",
                "get /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}/revisions",
                "get /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}/revisions/{revision}",
                "get /api/v1/workspaces/{workspace_id}/meetings/{meeting_id}/transcript",
                "get /api/v1/workspaces/{workspace_id}/statistics",
                "post /api/v1/workspaces/{workspace_id}/deliveries/replay",
                "post /api/v1/workspaces/{workspace_id}/deliveries/{delivery_id}/replay",
                "post /callbacks",
                "post /callbacks/{workspace_id}",
            ],
            (await OperationsAsync()).Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_is_named_summed_up_and_described()
    {
        var operations = await OperationsAsync();

        Assert.All(operations, operation => Assert.All(
            ["operationId", "summary", "description"], member => Assert.NotEmpty(operation.Json.GetProperty(member).GetString()!)));
        Assert.Equal(operations.Count, operations.Select(operation => operation.Json.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Every_parameter_of_a_path_is_described()
    {
        Assert.All(await OperationsAsync(), operation => Assert.Equal(
            operation.Name.Split('{').Skip(1).Select(part => part.Split('}')[0]),
            ParametersIn(operation.Json, "path")));
    }

    [Fact]
    public async Task Every_parameter_is_described_and_one_of_a_path_has_an_example()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            var parameters = operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : [];
            Assert.All(parameters, parameter => Assert.True(parameter.TryGetProperty("schema", out _), $"{name}: {parameter} has no schema"));
            Assert.All(parameters.Where(parameter => parameter.GetProperty("in").GetString() == "path"), parameter => Assert.True(parameter.TryGetProperty("example", out _), $"{name}: {parameter} has no example"));
            Assert.All(parameters.Where(parameter => parameter.GetProperty("in").GetString() == "query"), parameter => Assert.NotEmpty(parameter.GetProperty("description").GetString()!));
            Assert.True(
                parameters.All(parameter => parameter.GetProperty("in").GetString() != "query") || operation.GetProperty("responses").TryGetProperty("400", out _),
                $"{name} takes a query and does not tell of 400");
        }
    }

    [Fact]
    public async Task Every_answer_has_an_example_and_every_error_is_a_problem()
    {
        foreach (var operation in await OperationsAsync())
        {
            foreach (var answer in operation.Json.GetProperty("responses").EnumerateObject())
            {
                var isError = answer.Name[0] is '4' or '5';
                Assert.NotEmpty(answer.Value.GetProperty("description").GetString()!);
                foreach (var content in answer.Name is "204" or "304" ? [] : answer.Value.GetProperty("content").EnumerateObject().ToArray())
                {
                    Assert.True(content.Value.TryGetProperty("example", out var example), $"{operation.Name} {answer.Name} has no example");
                    Assert.True(content.Value.TryGetProperty("schema", out _), $"{operation.Name} {answer.Name} has no schema");
                    Assert.Equal(isError, content.Name == "application/problem+json");
                    if (isError)
                        Assert.Equal(answer.Name, example.GetProperty("status").ToString());
                }

                Assert.Equal(answer.Name is "429" or "503", answer.Value.TryGetProperty("headers", out var headers) && headers.TryGetProperty("Retry-After", out _));
            }
        }
    }

    [Fact]
    public async Task Readers_need_an_api_key_and_are_told_every_error()
    {
        foreach (var operation in (await OperationsAsync()).Where(operation => operation.Name.Contains("/api/", StringComparison.Ordinal)))
        {
            var isManaging = operation.Name.StartsWith("delete ", StringComparison.Ordinal) || operation.Name.StartsWith("post ", StringComparison.Ordinal)
                || operation.Name.EndsWith("/body", StringComparison.Ordinal) || operation.Name.EndsWith("/audit", StringComparison.Ordinal);
            Assert.Equal(isManaging ? "manage" : "read", operation.Json.GetProperty("security")[0].GetProperty("api_key")[0].GetString());
            Assert.Superset(
                new HashSet<string>(operation.Name.Contains('{', StringComparison.Ordinal) ? ["401", "403", "404", "429", "503"] : ["401", "403", "429", "503"]),
                operation.Json.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).ToHashSet());
        }

        var scheme = (await DocumentAsync()).GetProperty("components").GetProperty("securitySchemes").GetProperty("api_key");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
    }

    [Fact]
    public async Task Callbacks_need_a_signature_no_api_key_and_have_both_envelopes_as_examples()
    {
        foreach (var operation in (await OperationsAsync()).Where(operation => operation.Name.StartsWith("post /callbacks", StringComparison.Ordinal)))
        {
            Assert.False(operation.Json.TryGetProperty("security", out _));
            Assert.Equal(["X-Seasalt-Server-Signature"], ParametersIn(operation.Json, "header"));
            Assert.Equal(
                ["documented", "captured"],
                operation.Json.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("examples").EnumerateObject().Select(example => example.Name));
            Assert.Equal(
                ["200", "202", "400", "401", "403", "408", "413", "415", "429", "503"],
                operation.Json.GetProperty("responses").EnumerateObject().Select(answer => answer.Name));
        }
    }

    [Fact]
    public async Task Examples_of_bodies_are_taken_by_the_service()
    {
        var examples = (await OperationsAsync()).Single(operation => operation.Name == "post /callbacks/{workspace_id}").Json
            .GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("examples");

        foreach (var example in examples.EnumerateObject())
        {
            var answer = await receiver.Service.PostAsync("demo", System.Text.Encoding.UTF8.GetBytes(example.Value.GetProperty("value").GetRawText()));
            Assert.Equal((200, "stored"), (answer.Status, answer["outcome"]));
        }
    }

    [Fact]
    public async Task The_example_of_a_meeting_has_the_members_of_a_real_one()
    {
        await receiver.Service.PostAsync("demo", new CallbackBuilder("real").Build());
        var real = (await receiver.Service.GetAsync("/api/v1/workspaces/demo/meetings/real")).Json;

        var example = (await OperationsAsync()).Single(operation => operation.Name.StartsWith("get ", StringComparison.Ordinal) && operation.Name.EndsWith("{meeting_id}", StringComparison.Ordinal)).Json
            .GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("example");

        Assert.Equal(real.EnumerateObject().Select(member => member.Name), example.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Page_is_there_without_a_key()
    {
        var page = await receiver.Service.GetAsync("/swagger/index.html", apiKey: null);

        Assert.Equal((200, "text/html"), (page.Status, page.ContentType));
        Assert.Equal(200, (await receiver.Service.GetAsync("/swagger", apiKey: null)).Status);
    }

    [Fact]
    public async Task The_document_is_generated_once_and_answers_304_to_who_has_it()
    {
        var path = new Uri("/swagger/v1/swagger.json", UriKind.Relative);
        using var first = await receiver.Service.Http.GetAsync(path, TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var head = new HttpRequestMessage(HttpMethod.Head, path);

        using var unchanged = await receiver.Service.Http.SendAsync(again, TestContext.Current.CancellationToken);
        using var withoutBody = await receiver.Service.Http.SendAsync(head, TestContext.Current.CancellationToken);

        Assert.Equal(("application/json", 304, 200), (first.Content.Headers.ContentType!.MediaType, (int)unchanged.StatusCode, (int)withoutBody.StatusCode));
        Assert.Equal((first.Headers.ETag, first.Content.Headers.ContentLength), (withoutBody.Headers.ETag, withoutBody.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task However_many_ask_for_the_document_it_is_generated_once()
    {
        var generator = new SlowGenerator();
        var document = new SwaggerDocument(generator, "v1");

        var answers = Enumerable.Range(0, 20).Select(_ => document.AnswerAsync()).ToList();
        generator.Go.SetResult();
        await Task.WhenAll(answers);
        await document.AnswerAsync();

        Assert.Equal(1, generator.Times);
    }

    private async Task<JsonElement> DocumentAsync() => (await receiver.Service.GetAsync("/swagger/v1/swagger.json", apiKey: null)).Json;

    private async Task<List<(string Name, JsonElement Json)>> OperationsAsync() =>
        [.. (await DocumentAsync()).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name} {path.Name}", operation.Value)))];

    private static IEnumerable<string> ParametersIn(JsonElement operation, string place) =>
        operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").GetString() == place).Select(parameter => parameter.GetProperty("name").GetString()!)
            : [];

    private sealed class SlowGenerator : IAsyncSwaggerProvider
    {
        public TaskCompletionSource Go { get; } = new();

        public int Times { get; private set; }

        public async Task<OpenApiDocument> GetSwaggerAsync(string documentName, string? host = null, string? basePath = null)
        {
            Times++;
            await Go.Task;
            return new OpenApiDocument { Info = new OpenApiInfo { Title = "Slow", Version = documentName } };
        }
    }
}
