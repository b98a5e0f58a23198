namespace SeaMeet;

/// <summary>Reads an answer to its end as part of the attempt, so that a connection that breaks amid it is a failed attempt too.</summary>
internal sealed class WholeAnswer : DelegatingHandler
{
    /// <summary>No answer of the API comes near.</summary>
    private const long MaxBytes = 4 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        try
        {
            await answer.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}
