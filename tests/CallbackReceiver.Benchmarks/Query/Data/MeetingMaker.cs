using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CallbackReceiver.Benchmarks.Load;

namespace CallbackReceiver.Benchmarks.Query.Data;

/// <summary>Makes the meetings of a plan, in the order of receiving. Not for several threads at once.</summary>
internal sealed class MeetingMaker(DataPlan plan)
{
    private const int LongestTranscript = 300;

    // A log-normal length: half of the calls have up to 12 segments, the mean is 20, one in 1,500 reaches the longest.
    private const double LogOfMedianSegments = 2.5;
    private const double SpreadOfSegments = 1;

    private static readonly JsonWriterOptions AsPostgresKeepsIt = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder text = new();
    private readonly ArrayBufferWriter<byte> json = new();

    /// <param name="first">Number of the first meeting, which begins a chunk.</param>
    /// <param name="end">Number after the last one, within that chunk.</param>
    public IEnumerable<MadeMeeting> Make(int first, int end)
    {
        // Seeded alike in every process, which the runtime promises for Random with a seed within a version.
        var random = new Random(unchecked((plan.Seed * 1_000_003) ^ first));
        for (var number = first; number < end; number++)
            yield return Make(number, random);
    }

    private MadeMeeting Make(int number, Random random)
    {
        var workspace = WorkspaceOf(random);
        var language = workspace.Languages[random.Next(workspace.Languages.Count)];
        var subject = random.Next(ICallLanguage.Subjects);
        var receivedAt = ReceivedAt(number, random);
        var segments = Math.Clamp((int)Math.Round(Math.Exp(LogOfMedianSegments + (SpreadOfSegments * Normal(random)))), 1, LongestTranscript);
        var speakers = Speakers(workspace, language, random, segments);
        var sought = Place(language.Sought, random, segments);
        return new MadeMeeting
        {
            WorkspaceId = workspace.Id,
            MeetingId = MeetingIdOf(number),
            DeliveryId = DeliveryId(receivedAt, random),
            BodySha256 = Bytes(random, 32),
            ReceivedAt = receivedAt,
            Title = language.Title(random, subject),
            Summary = Sentences(language, random, subject, random.Next(2, 5), sought.Where(place => place.Segment < 0).Select(place => place.Text)),
            CustomerSatisfactionRating = Rating(random),
            AgentPerformanceRating = Rating(random),
            AgentPerformanceFeedback = random.Chance(0.1) ? null : Sentences(language, random, subject, random.Next(1, 3), []),
            RiskFactor = random.Chance(0.6) ? null : language.Risk(random),
            Items = random.Chance(0.5) ? "{}" : Line($$"""{"follow_up":{{(random.Chance(0.3) ? "true" : "false")}},"sentiment":{{random.Next(-5, 6)}}}"""),
            Metadata = random.Chance(0.5) ? "{}" : Line($$$"""{"resource_metadata":{"call_id":"{{{random.Next(100_000_000)}}}"}}"""),
            Speakers = speakers,
            Segments = segments,
            Transcript = Transcript(language, random, subject, speakers, segments, sought),
        };
    }

    private static WorkspacePlan WorkspaceOf(Random random)
    {
        var (point, workspace) = (random.NextDouble(), 0);
        while (workspace < DataPlan.Workspaces.Count - 1 && (point -= DataPlan.Workspaces[workspace].Share) >= 0)
            workspace++;
        return DataPlan.Workspaces[workspace];
    }

    /// <summary>Where the sought words go that this call holds; segment -1 is the summary. A common word comes more than once.</summary>
    private static List<(int Segment, string Text)> Place(IReadOnlyList<SoughtText> sought, Random random, int segments)
    {
        var places = new List<(int, string)>();
        foreach (var word in sought)
        {
            if (!random.Chance(word.Share))
                continue;
            do
                places.Add((random.Chance(0.1) ? -1 : random.Next(segments), word.Text));
            while (random.Chance(word.Share / 2));
        }

        return places;
    }

    private string Sentences(ICallLanguage language, Random random, int subject, int count, IEnumerable<string> about)
    {
        text.Clear();
        foreach (var word in about)
            language.AppendSentence(text, random, subject, word);
        for (var sentence = 0; sentence < count; sentence++)
            language.AppendSentence(text, random, subject);
        return text.ToString();
    }

    private byte[] Transcript(ICallLanguage language, Random random, int subject, string[] speakers, int segments, List<(int Segment, string Text)> sought)
    {
        json.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(json, AsPostgresKeepsIt);
        writer.WriteStartArray();
        for (var segment = 0; segment < segments; segment++)
        {
            writer.WriteStartObject();
            writer.WriteString("text", Sentences(language, random, subject, 1, sought.Where(place => place.Segment == segment).Select(place => place.Text)));
            writer.WriteString("speaker", segment < speakers.Length ? speakers[segment] : speakers[random.Chance(0.1) ? ^1 : segment % Math.Min(2, speakers.Length)]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }

    private static string[] Speakers(WorkspacePlan workspace, ICallLanguage language, Random random, int segments)
    {
        var agent = language.Agent(1 + random.Next(workspace.Agents));
        string[] all = random.Chance(0.05) ? [agent, language.Customer, language.Supervisor] : [agent, language.Customer];
        return all[..Math.Min(segments, all.Length)];
    }

    /// <summary>Evenly spread, each meeting somewhere within its own part of the time: their order is that of their numbers.</summary>
    private DateTime ReceivedAt(int number, Random random)
    {
        var part = (DataPlan.To - DataPlan.From) / plan.Meetings;
        var time = DataPlan.From + (part * (number + random.NextDouble()));
        return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond)); // as exact as PostgreSQL keeps it
    }

    private static string MeetingIdOf(int number) => string.Create(CallbackNumber.IdLength, number, (id, n) =>
    {
        Span<byte> ascii = stackalloc byte[CallbackNumber.IdLength];
        CallbackNumber.WriteId(n, ascii);
        Encoding.ASCII.GetChars(ascii, id);
    });

    /// <summary>A UUID of version 7 (RFC 9562), as the service makes them, but with this generator's chance.</summary>
    private static Guid DeliveryId(DateTime receivedAt, Random random)
    {
        var bytes = Bytes(random, 16);
        var milliseconds = new DateTimeOffset(receivedAt).ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(milliseconds >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)milliseconds);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    private static string? Rating(Random random) => random.NextDouble() switch
    {
        < 0.25 => "A",
        < 0.60 => "B",
        < 0.80 => "C",
        < 0.90 => "D",
        < 0.94 => "E",
        _ => null,
    };

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Box and Muller's.</summary>
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
