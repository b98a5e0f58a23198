using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Access;

/// <summary>
/// The rate limit of readers, each by the name that the logs call it. Counted after the authorization, which knows the reader: whoever it
/// turns away costs next to nothing, and <see cref="WrongKeys"/> counts those.
/// </summary>
internal sealed class ReaderLimit(IOptions<RateLimitOptions> options) : IRateLimiterPolicy<(string Reader, int RequestsPerMinute)>
{
    public const string PolicyName = "reader";

    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } =
        static async (rejected, _) => await Problem.TooManyRequests(Wait(rejected.Lease)).ExecuteAsync(rejected.HttpContext);

    /// <summary>How long a refused one is to wait, in whole seconds.</summary>
    public static int Wait(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 60;

    /// <summary>The limit is part of the key, so that a changed one is in force at once.</summary>
    public RateLimitPartition<(string Reader, int RequestsPerMinute)> GetPartition(HttpContext httpContext)
    {
        var limit = LimitOf(httpContext.User) ?? options.Value.RequestsPerMinute;
        return limit == 0
            ? RateLimitPartition.GetNoLimiter(("", 0))
            : RateLimitPartition.GetFixedWindowLimiter((httpContext.User.Identity?.Name ?? "", limit), _ => PerMinute(limit));
    }

    public static FixedWindowRateLimiterOptions PerMinute(int permits) => new() { PermitLimit = permits, Window = TimeSpan.FromMinutes(1) };

    private static int? LimitOf(ClaimsPrincipal reader) =>
        reader.FindFirstValue(ReaderClaims.RequestsPerMinute) is { } limit ? int.Parse(limit, CultureInfo.InvariantCulture) : null;
}
