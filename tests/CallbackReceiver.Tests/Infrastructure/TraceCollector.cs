using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CallbackReceiver.Tests.Infrastructure;

/// <summary>A collector of OpenTelemetry's protocol (OTLP over HTTP, in protobuf) that keeps the spans it is sent.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<TracedSpan> spans = new();

    private TraceCollector(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.Single());

    public IReadOnlyCollection<TracedSpan> Spans => spans;

    /// <summary>All that came, for looking for words that must not be in it.</summary>
    public ConcurrentQueue<byte[]> Requests { get; } = new();

    public static async Task<TraceCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new TraceCollector(builder.Build());
        collector.app.MapPost("/v1/{signal}", collector.TakeAsync);
        await collector.app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        Requests.Enqueue(body.ToArray());
        if (signal == "traces")
        {
            // opentelemetry/proto/trace/v1/trace.proto: resource_spans 1, scope_spans 2, spans 2
            foreach (var span in ProtobufField.Read(body.ToArray()).All(1).SelectMany(resource => resource.All(2)).SelectMany(scope => scope.All(2)))
                spans.Enqueue(TracedSpan.Of(span));
        }

        return Results.Bytes([], "application/x-protobuf");
    }
}

/// <summary>A span as it was sent.</summary>
internal sealed record TracedSpan(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<string> LinkedSpans, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>By the numbers of trace.proto's fields.</summary>
    public static TracedSpan Of(ProtobufField span) => new(
        span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5),
        [.. span.All(13).Select(link => link.Hex(2))],
        span.All(9).ToDictionary(attribute => attribute.Text(1), attribute => ValueOf(attribute.All(2).Single()), StringComparer.Ordinal));

    private static string ValueOf(ProtobufField value) => value.Has(1) ? value.Text(1) : $"{value.Number(3)}";
}

/// <summary>A message of protobuf, read by the numbers of its fields.</summary>
internal sealed class ProtobufField
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> fields = [];

    private ProtobufField()
    {
    }

    public static ProtobufField Read(byte[] message)
    {
        var read = new ProtobufField();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var (value, length) = (tag & 7) switch
            {
                0 => (Varint(message, ref at), 0),
                1 => (BitConverter.ToUInt64(message, at), 8),
                5 => (BitConverter.ToUInt32(message, at), 4),
                _ => (0UL, (int)Varint(message, ref at)),
            };
            read.fields.Add(((int)(tag >> 3), value, message[at..(at + length)]));
            at += length;
        }

        return read;
    }

    public IEnumerable<ProtobufField> All(int number) => fields.Where(field => field.Number == number).Select(field => Read(field.Bytes));

    public bool Has(int number) => fields.Exists(field => field.Number == number);

    public string Text(int number) => Encoding.UTF8.GetString(BytesOf(number));

    public string Hex(int number) => Convert.ToHexStringLower(BytesOf(number));

    public ulong Number(int number) => fields.FirstOrDefault(field => field.Number == number).Value;

    private byte[] BytesOf(int number) => fields.FirstOrDefault(field => field.Number == number).Bytes ?? [];

    private static ulong Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        byte next;
        do
        {
            next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            shift += 7;
        }
        while (next >= 0x80);
        return value;
    }
}
