using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Access;

/// <summary>The section <c>Cors</c>: the dashboards whose pages may read answers of the query API in a browser. None, unless it is configured.</summary>
internal sealed class DashboardOptions : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Their origins, as browsers send them: scheme, host, and the port where it is not the usual one.</summary>
    public List<string> Origins { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Select((origin, n) => (Key: $"{Section}:{nameof(Origins)}:{n}", IsGood: IsOrigin(origin)))
        .Where(origin => !origin.IsGood)
        .Select(origin => new ValidationResult($"{origin.Key}: give an origin such as https://dashboards.example.com: scheme, host and port, no path and no wildcard."));

    public void Allow(CorsPolicyBuilder policy) => policy
        .WithOrigins([.. Origins])
        .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Delete)
        .WithHeaders(HeaderNames.Authorization, HeaderNames.IfNoneMatch, "Last-Event-ID", HeaderNames.CacheControl)
        .WithExposedHeaders(HeaderNames.ETag, HeaderNames.Link, HeaderNames.RetryAfter, HeaderNames.ContentDisposition)
        .SetPreflightMaxAge(TimeSpan.FromHours(1));

    private static bool IsOrigin(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && string.Equals(value, uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase) && uri.UserInfo.Length == 0
        && !value.Contains('*', StringComparison.Ordinal);
}
