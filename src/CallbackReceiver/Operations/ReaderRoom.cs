using CallbackReceiver.Access;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations;

/// <summary>
/// Bounds the requests under way that are no callbacks, such as event streams and exports, to half of the connections, and those of one client
/// network to half of that: whatever readers hold open, the other half is left for callbacks. Health is not counted.
/// </summary>
internal sealed class ReaderRoom(IOptions<LimitOptions> limits)
{
    private readonly Lock sync = new();
    private readonly Dictionary<ClientNetwork, int> underWay = [];
    private int count;

    /// <summary>To stand behind the routing, which callbacks do not get past.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var connection = http.Features.Get<ClientConnection>();
        if (connection?.TryBegin() is false)
        {
            await Problem.TooManyUnderWay().ExecuteAsync(http);
            return;
        }

        try
        {
            await (http.Request.Path.StartsWithSegments(HealthSetup.Path, StringComparison.Ordinal) ? next(http) : AnswerAsync(http, next));
        }
        finally
        {
            connection?.End();
        }
    }

    private async Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        var network = ClientNetwork.Of(http.Connection.RemoteIpAddress);
        if (!TryEnter(network))
        {
            await Problem.TooManyUnderWay().ExecuteAsync(http);
            return;
        }

        try
        {
            await next(http);
        }
        finally
        {
            Leave(network);
        }
    }

    private bool TryEnter(ClientNetwork network)
    {
        var most = (limits.Value.Connections + 1) / 2;
        lock (sync)
        {
            var its = underWay.GetValueOrDefault(network);
            if (count >= most || its >= (most + 1) / 2)
                return false;
            count++;
            underWay[network] = its + 1;
            return true;
        }
    }

    private void Leave(ClientNetwork network)
    {
        lock (sync)
        {
            count--;
            var left = underWay[network] - 1;
            if (left == 0)
                underWay.Remove(network);
            else
                underWay[network] = left;
        }
    }
}
