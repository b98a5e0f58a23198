using System.Buffers;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Unverified;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace CallbackReceiver.Tests.Callbacks;

/// <summary>The time of an answer does not tell whether there is such a workspace.</summary>
public sealed class UnverifiedInboxTests(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    [Theory]
    [InlineData(Workspaces.Demo)]
    [InlineData(null)]
    public async Task Nothing_is_done_with_a_refused_body_before_its_answer(string? knownWorkspaceId)
    {
        var bytes = new CallbackBuilder().Build();
        var body = new RequestBody(bytes.Length);
        body.Append(new ReadOnlySequence<byte>(bytes));
        var response = new Response();
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseFeature>(response);
        var inbox = receiver.Host.Services.GetRequiredService<UnverifiedInbox>();

        inbox.OfferAfterAnswer(http.Response, knownWorkspaceId, ClientNetwork.Of(null), Signature.Parse(new string('a', 64)), body);

        Assert.Equal(bytes.Length, body.Bytes.Length);
        Assert.Equal(0, await CountAsync(bytes));
        await Assert.Single(response.AfterAnswer)();
        if (knownWorkspaceId is not null)
            await Eventually.HoldsAsync(async () => await CountAsync(bytes) == 1, "it is kept");
        Assert.True(body.Bytes.Length == 0, "the buffer was not given back");
    }

    private async Task<long> CountAsync(byte[] body)
    {
        await using var command = receiver.Database.DataSource.CreateCommand("SELECT count(*) FROM unverified_deliveries WHERE body = $1");
        command.Parameters.Add(new() { Value = body });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private sealed class Response : HttpResponseFeature
    {
        public List<Func<Task>> AfterAnswer { get; } = [];

        public override void OnCompleted(Func<object, Task> callback, object state) => AfterAnswer.Add(() => callback(state));
    }
}
