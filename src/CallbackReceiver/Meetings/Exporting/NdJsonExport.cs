using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Meetings.Exporting;

/// <summary>Writes a meeting a line, as the list has it.</summary>
internal sealed class NdJsonExport(IOptions<JsonOptions> json)
{
    public const string ContentType = "application/x-ndjson";

    private const int FlushBytes = 64 * 1024;

    public async Task WriteAsync(Stream body, IAsyncEnumerable<MeetingView> meetings, CancellationToken cancellationToken)
    {
        var output = PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true));
        await using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = json.Value.SerializerOptions.Encoder, SkipValidation = true });
        await foreach (var meeting in meetings.WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(writer, meeting, json.Value.SerializerOptions);
            writer.Flush();
            writer.Reset();
            output.Write("\n"u8);
            if (output.UnflushedBytes >= FlushBytes)
                await output.FlushAsync(cancellationToken);
        }

        await output.CompleteAsync();
    }
}
