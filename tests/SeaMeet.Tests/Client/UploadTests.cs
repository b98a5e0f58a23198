using System.Net;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Client;

/// <summary>Uploading, with what may come between.</summary>
public sealed class UploadTests : IDisposable
{
    private const string Url = """{"upload_audio_url":"https://storage.test/put"}""";
    private const string Expired = "<Error><Code>AccessDenied</Code></Error>";

    private readonly RecordedSeaMeet seaMeet = new();
    private readonly TestFolder folder = new();

    [Fact]
    public async Task The_storage_gets_the_bytes_and_their_length_but_neither_token_nor_content_type()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.OK);
        var path = folder.Write("a.aac", [0xFF, 0xF1, 1, 2, 3]);

        var name = await seaMeet.Client.UploadAsync(RecordedSeaMeet.Workspace, "m", await AudioFile.InspectAsync(path));

        var put = seaMeet.Calls[1];
        Assert.Equal(("a.aac", "PUT", "https://storage.test/put"), (name, put.Method, put.Url));
        Assert.DoesNotContain("Authorization", put.Headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Content-Length: 5", put.ContentHeaders, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Type", put.ContentHeaders, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_url_is_asked_for_once_more()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.Forbidden, Expired).Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.OK);

        await UploadAsync();

        Assert.Equal(["POST", "PUT", "POST", "PUT"], seaMeet.Calls.Select(call => call.Method));
    }

    [Fact]
    public async Task A_url_that_expires_twice_is_given_up()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.Forbidden, Expired).Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.Forbidden, Expired);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => UploadAsync());

        Assert.Equal(SeaMeetError.UploadExpired, failure.Error);
        Assert.Equal(4, seaMeet.Calls.Count);
    }

    [Fact]
    public async Task A_broken_upload_is_repeated_from_the_start()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url).Breaks(HttpRequestError.Unknown).Answers(HttpStatusCode.ServiceUnavailable).Answers(HttpStatusCode.OK);

        await UploadAsync();

        Assert.Single(seaMeet.Calls.Where(call => call.Method == "PUT").Select(call => call.Body).Distinct());
        Assert.Equal(3, seaMeet.Calls.Count(call => call.Method == "PUT"));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_replaced_by_another()
    {
        seaMeet.Answers(HttpStatusCode.Conflict).Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.OK);

        var name = await UploadAsync();

        Assert.Matches("^call-[0-9]+\\.wav$", name);
        Assert.Contains(Uri.EscapeDataString(name), seaMeet.Calls[1].Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_counts_up_to_the_length_of_the_file()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url).Answers(HttpStatusCode.OK);
        var sent = new List<UploadProgress>();
        var file = await AudioFile.InspectAsync(folder.WriteTone(seconds: 30));

        await seaMeet.Client.UploadAsync(RecordedSeaMeet.Workspace, "m", file, progress: new DocumentTests.Inline<UploadProgress>(sent.Add));

        Assert.Equal(sent.Select(progress => progress.Sent).Order(), sent.Select(progress => progress.Sent));
        Assert.True(sent.Count > 2);
        Assert.Equal((file.Length, file.Length), (sent[^1].Sent, sent[^1].Total));
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_said_to_have_changed()
    {
        seaMeet.Answers(HttpStatusCode.OK, Url);
        var file = await AudioFile.InspectAsync(folder.WriteTone());
        await File.AppendAllTextAsync(file.Path, "more");

        var failure = await Assert.ThrowsAsync<AudioException>(() => seaMeet.Client.UploadAsync(RecordedSeaMeet.Workspace, "m", file));

        Assert.Equal(AudioProblem.Changed, failure.Problem);
    }

    public void Dispose() => folder.Dispose();

    private async Task<string> UploadAsync() => await seaMeet.Client.UploadAsync(RecordedSeaMeet.Workspace, "m", await AudioFile.InspectAsync(folder.WriteTone()));
}
