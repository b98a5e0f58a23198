using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Operations;

/// <summary>Whatever anybody sends as whichever parameter of whichever route, no answer is an error of the service.</summary>
public sealed class ParameterProperties(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    /// <summary>What a value is made of, percent-encoded as it goes out: also what no encoder would write.</summary>
    private static readonly Gen<string> Pieces = Gen.Frequency(
        (6, Gen.Char[' ', '~'].Select(unit => Uri.EscapeDataString(unit.ToString()))),
        (3, Gen.OneOf("%00", "%0A", "%0D%0A", "%09", "%7F", "%25", "%2F", "%252F", "%5C", "%22", "%27", "%25_", "%3B", "%26", "%3D", "%2B", "+", "*", "..", "%2E%2E%2F")),
        (2, Gen.OneOf("%FF", "%C0%80", "%ED%A0%BD", "%ED%B8%80", "%F4%90%80%80", "%E6%96", "%EF%BF%BE", "%EF%BB%BF", "%F0%9F%98%80", "%u0041", "%", "%zz")),
        (2, Gen.Char['\u4e00', '\u9fff'].Select(unit => Uri.EscapeDataString(unit.ToString()))));

    private static readonly Gen<string> Numbers = Gen.OneOf(
        Gen.OneOf("0", "-0", "-1", "1", "200", "201", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808", "1e9", "1E400", "NaN", "0x10", "1.5", "%D9%A1", "%2B1", "%201"),
        Gen.Int.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.Int[1, 400].Select(digits => new string('9', digits)));

    private static readonly Gen<string> Times = Gen.OneOf(
        Gen.OneOf(
            "2026-01-31T08:00:00Z", "2026-01-31T08:00:00%2B08:00", "2026-01-31T08:00:00", "2026-02-30T08:00:00Z", "2026-01-31", "0001-01-01T00:00:00%2B14:00", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.9999999Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-06-30T23:59:60Z", "2026-01-31T24:00:00Z", "2026-01-31T08:00:00%2B99:99",
            "T", "TZ", "infinity", "-infinity", "now", "Asia/Taipei", "Europe/Berlin", "Mars/Olympus", "UTC", "%2B08:00", "day", "week", "month", "../../etc/passwd"),
        Gen.DateTime.Select(time => Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture) + "Z")));

    /// <summary>Values that mean something to some route, so that the random ones beside them are reached.</summary>
    private static readonly Gen<string> Meaningful = Gen.OneOf(
        "demo", "other", "known", "A", "E", "null", "stored", "unverified", "received_at", "-received_at", "ndjson", "csv", "transcript", "true", "false",
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "AAAAAAAAAAAAAAAAAAAAAAAA", "*", "W/%22x%22");

    private static readonly Gen<string> Values = Gen.Frequency(
        (4, Pieces.Array[0, 12].Select(string.Concat)),
        (3, Meaningful),
        (2, Numbers),
        (2, Times),
        (1, Gen.Select(Pieces, Gen.Int[100, 6000]).Select((piece, times) => string.Concat(Enumerable.Repeat(piece, Math.Min(times, 7000 / piece.Length))))),
        (1, Gen.Select(Pieces, Gen.Const(20_000)).Select((piece, times) => string.Concat(Enumerable.Repeat(piece, times)))));

    /// <summary>What one parameter goes out as: once, or several times.</summary>
    private static readonly Gen<string[]> Repeated = Gen.Frequency((6, Values.Array[1]), (1, Values.Array[2, 3]));

    /// <summary>How many of a route's parameters go out, from which one on: often few, as most values are refused.</summary>
    private static readonly Gen<(int From, int Count)> Chosen = Gen.Select(Gen.Int[0, 99], Gen.Frequency((2, Gen.Const(0)), (3, Gen.Const(1)), (3, Gen.Const(2)), (2, Gen.Const(int.MaxValue))));

    [Fact]
    public async Task Random_values_for_every_parameter_of_every_route_never_give_an_error_of_the_service()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 }) { BaseAddress = receiver.Host.Address, Timeout = Eventually.Limit };
        var operations = OperationsOf((await receiver.Client.GetAsync("/swagger/v1/swagger.json")).Json);
        Assert.NotEmpty(operations.SelectMany(operation => operation.Parameters));

        var seen = new Dictionary<(Operation Operation, int Status), int>();
        foreach (var operation in operations)
        {
            // Anew, as the operation before may have erased it.
            var known = await receiver.PostAsync(new CallbackBuilder("known") { Summary = operation.ToString() });
            await RequestsTo(operation, Gen.OneOf("known", known.DeliveryId.ToString(), "1")).Array[20].SampleAsync(
                async requests =>
                {
                    foreach (var request in requests)
                    {
                        var status = await SendAsync(http, request);
                        seen[(operation, status)] = seen.GetValueOrDefault((operation, status)) + 1;
                        Assert.True(status < 500, $"{status} for {request}");
                    }
                },
                iter: 15,
                threads: 1);
        }

        Assert.Empty(receiver.Host.Logs.Errors);

        // The requests do get through: each route has done what it is for, but that no random signature is one.
        Assert.All(operations, operation => Assert.Contains(
            seen.Keys, answer => answer.Operation == operation && (answer.Status < 400 || (operation.HasBody && answer.Status == 401))));
    }

    private static Gen<Request> RequestsTo(Operation operation, Gen<string> real) => Gen.Select(
        Gen.Select(Repeated.Array[operation.Parameters.Count], Chosen),
        Gen.Frequency((3, real), (1, Values)).Array[operation.Parameters.Count],
        Gen.Frequency((4, Gen.Const("demo")), (1, Values)),
        Gen.Frequency((9, Gen.Const("")), (1, Pieces.Select(name => name + "=x"))),
        Gen.Bool,
        Values,
        (optional, inPath, workspace, unknown, head, body) => Compose(operation, optional.Item1, optional.Item2, inPath, workspace, unknown, head, body));

    private static Request Compose(Operation operation, string[][] values, (int From, int Count) chosen, string[] inPath, string workspace, string unknown, bool head, string body)
    {
        var parameters = operation.Parameters.Zip(values, inPath).ToList();
        var path = parameters.Where(parameter => parameter.First.In == "path").Aggregate(operation.Path, (soFar, parameter) => soFar.Replace(
            $"{{{parameter.First.Name}}}", parameter.First.Name == "workspace_id" ? workspace : parameter.Third, StringComparison.Ordinal));
        var optional = parameters.Where(parameter => parameter.First.In != "path").ToList();
        var query = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var (parameter, given, _) in optional.Skip(chosen.From % Math.Max(1, optional.Count)).Concat(optional).Take(Math.Min(chosen.Count, optional.Count)))
        {
            if (parameter.In == "query")
                query.AddRange(given.Select(value => $"{parameter.Name}={value}"));
            else
                headers.AddRange(given.Select(value => (parameter.Name, Uri.UnescapeDataString(value))));
        }

        if (unknown.Length > 0)
            query.Add(unknown);
        var method = head && operation.Method == HttpMethod.Get ? HttpMethod.Head : operation.Method;
        return new Request(method, query.Count > 0 ? $"{path}?{string.Join('&', query)}" : path, headers, operation.HasBody ? Uri.UnescapeDataString(body) : null);
    }

    /// <returns>The status; the body, which may have no end, is not read.</returns>
    private static async Task<int> SendAsync(HttpClient http, Request request)
    {
        // As it stands: a Uri would mend what is malformed.
        var address = new Uri(http.BaseAddress!.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(request.Method, address);
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Keys.ApiAll);
        foreach (var (name, value) in request.Headers)
            message.Headers.TryAddWithoutValidation(name, new string([.. value.Where(unit => unit is >= ' ' and <= '\u00ff' and not '\u007f')]));
        if (request.Body is { } body)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    private static List<Operation> OperationsOf(JsonElement document) =>
        [.. from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            let parameters = operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().ToList() : []
            select new Operation(
                HttpMethod.Parse(operation.Name.ToUpperInvariant()),
                path.Name,
                [.. parameters.Select(parameter => new Parameter(parameter.GetProperty("name").GetString()!, parameter.GetProperty("in").GetString()!))],
                operation.Value.TryGetProperty("requestBody", out _))];

    private sealed record Parameter(string Name, string In);

    private sealed record Operation(HttpMethod Method, string Path, IReadOnlyList<Parameter> Parameters, bool HasBody);

    private sealed record Request(HttpMethod Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, string? Body)
    {
        public override string ToString() => $"{Method} {Target} {string.Join(' ', Headers)}";
    }
}
