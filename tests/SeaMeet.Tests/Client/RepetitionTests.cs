using System.Net;
using SeaMeet.Tests.Infrastructure;

namespace SeaMeet.Tests.Client;

/// <summary>What is repeated, and what must not be.</summary>
public sealed class RepetitionTests : IDisposable
{
    private const string Job = """{"id":"j","status":"QUEUED"}""";

    private readonly RecordedSeaMeet seaMeet = new();

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.GatewayTimeout)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    public async Task A_meeting_that_may_exist_is_not_created_again(HttpStatusCode status)
    {
        seaMeet.Answers(status, "oh");

        var failure = await Assert.ThrowsAsync<SeaMeetException>(Create);

        Assert.Single(seaMeet.Calls);
        Assert.Equal((SeaMeetError.Unavailable, true, status), (failure.Error, failure.MayHaveBeenDone, failure.Status));
    }

    [Theory]
    [InlineData(HttpRequestError.ResponseEnded)]
    [InlineData(HttpRequestError.Unknown)]
    public async Task A_meeting_whose_answer_is_lost_is_not_created_again(HttpRequestError error)
    {
        seaMeet.Breaks(error);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(Create);

        Assert.Single(seaMeet.Calls);
        Assert.True(failure.MayHaveBeenDone);
    }

    [Fact]
    public async Task A_meeting_whose_answer_cannot_be_read_may_exist()
    {
        seaMeet.Answers(HttpStatusCode.OK, "<html>");

        var failure = await Assert.ThrowsAsync<SeaMeetException>(Create);

        Assert.Equal((SeaMeetError.UnreadableAnswer, true), (failure.Error, failure.MayHaveBeenDone));
    }

    [Fact]
    public async Task Creating_is_repeated_where_the_attempt_cannot_have_been_carried_out()
    {
        seaMeet.Breaks(HttpRequestError.ConnectionError).Answers(HttpStatusCode.ServiceUnavailable).Answers(HttpStatusCode.TooManyRequests)
            .Answers(HttpStatusCode.OK, DocumentExamples.Meeting);

        await seaMeet.Client.CreateMeetingAsync(RecordedSeaMeet.Workspace, DocumentTests.AnyMeeting());

        Assert.Equal(4, seaMeet.Calls.Count);
    }

    [Fact]
    public async Task An_analysis_that_may_be_under_way_is_not_started_again()
    {
        seaMeet.Breaks(HttpRequestError.ResponseEnded);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "m", new AnalysisRequest { Channels = 1 }));

        Assert.Single(seaMeet.Calls);
        Assert.True(failure.MayHaveBeenDone);
    }

    [Fact]
    public async Task Reading_a_job_is_repeated_after_any_failure_for_the_moment()
    {
        seaMeet.Answers(HttpStatusCode.InternalServerError).Breaks(HttpRequestError.ResponseEnded).Answers(HttpStatusCode.BadGateway).Answers(HttpStatusCode.OK, Job);

        Assert.Equal("j", (await seaMeet.Client.GetJobAsync(RecordedSeaMeet.Workspace, "j")).Id);
    }

    [Fact]
    public async Task Repetitions_come_to_an_end()
    {
        for (var i = 0; i < 10; i++)
            seaMeet.Answers(HttpStatusCode.InternalServerError);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.GetJobAsync(RecordedSeaMeet.Workspace, "j"));

        Assert.Equal(4, seaMeet.Calls.Count); // the first, and three repetitions
        Assert.Equal((SeaMeetError.Unavailable, false), (failure.Error, failure.MayHaveBeenDone));
    }

    [Fact]
    public async Task A_meeting_that_a_lost_attempt_deleted_counts_as_deleted()
    {
        seaMeet.Breaks(HttpRequestError.ResponseEnded).Answers(HttpStatusCode.BadRequest, "MeetingNotFoundError");

        await seaMeet.Client.DeleteMeetingAsync(RecordedSeaMeet.Workspace, "m");

        Assert.Equal(2, seaMeet.Calls.Count);
    }

    [Fact]
    public async Task A_meeting_that_never_was_is_not_found()
    {
        seaMeet.Answers(HttpStatusCode.BadRequest, "MeetingNotFoundError");

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.DeleteMeetingAsync(RecordedSeaMeet.Workspace, "m"));

        Assert.Equal(SeaMeetError.MeetingNotFound, failure.Error);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_the_token()
    {
        seaMeet.Redirects("https://elsewhere.test/");

        var failure = await Assert.ThrowsAsync<SeaMeetException>(Create);

        Assert.Single(seaMeet.Calls);
        Assert.Equal((SeaMeetError.Refused, false), (failure.Error, failure.MayHaveBeenDone));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "", SeaMeetError.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden, "", SeaMeetError.Unauthorized)]
    [InlineData(HttpStatusCode.BadRequest, "", SeaMeetError.AudioNotFound)]
    [InlineData(HttpStatusCode.BadRequest, """{"detail":"AudioNotFoundError"}""", SeaMeetError.AudioNotFound)]
    [InlineData(HttpStatusCode.BadRequest, """{"detail":"MeetingNotFoundError"}""", SeaMeetError.MeetingNotFound)]
    [InlineData(HttpStatusCode.UnprocessableEntity, "", SeaMeetError.Refused)]
    public async Task Refusals_of_an_analysis_are_told_apart(HttpStatusCode status, string body, SeaMeetError expected)
    {
        seaMeet.Answers(status, body);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.RunAnalysisAsync(RecordedSeaMeet.Workspace, "m", new AnalysisRequest { Channels = 1 }));

        Assert.Equal((expected, false), (failure.Error, failure.MayHaveBeenDone));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "", SeaMeetError.MeetingNotFound)]
    [InlineData(HttpStatusCode.BadRequest, "the meeting does not exist: MeetingNotFoundError", SeaMeetError.MeetingNotFound)]
    [InlineData(HttpStatusCode.BadRequest, "file name already exists", SeaMeetError.NameConflict)]
    [InlineData(HttpStatusCode.Conflict, "", SeaMeetError.NameConflict)]
    public async Task Refusals_of_an_upload_url_are_told_apart(HttpStatusCode status, string body, SeaMeetError expected)
    {
        seaMeet.Answers(status, body);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.CreateUploadUrlAsync(RecordedSeaMeet.Workspace, "m", "a.wav"));

        Assert.Equal(expected, failure.Error);
    }

    [Fact]
    public async Task A_job_that_does_not_exist_is_not_found()
    {
        seaMeet.Answers(HttpStatusCode.NotFound);

        Assert.Equal(SeaMeetError.NotFound, (await Assert.ThrowsAsync<SeaMeetException>(() => seaMeet.Client.GetJobAsync(RecordedSeaMeet.Workspace, "j"))).Error);
    }

    [Fact]
    public async Task The_token_is_in_no_message()
    {
        seaMeet.Answers(HttpStatusCode.Unauthorized);

        var failure = await Assert.ThrowsAsync<SeaMeetException>(Create);

        Assert.DoesNotContain(RecordedSeaMeet.Token, failure.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => seaMeet.Dispose();

    private Task Create() => seaMeet.Client.CreateMeetingAsync(RecordedSeaMeet.Workspace, DocumentTests.AnyMeeting());
}
