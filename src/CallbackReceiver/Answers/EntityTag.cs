using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace CallbackReceiver.Answers;

/// <summary>
/// The ETag of an analysis: the delivery that brought it, its number, when the meeting's first analysis was received, which one that is
/// stored late may change, and which build shows it in which form, since another build may show it otherwise. Weak, as compressed and plain
/// answers share it (docs/decisions/0013).
/// </summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="Revision">The number of the analysis.</param>
/// <param name="FirstReceivedAt">When the meeting's first analysis was received.</param>
/// <param name="Form">Tells apart what one URL answers with, such as the media type, or the states of what it lists.</param>
internal readonly record struct EntityTag(Guid DeliveryId, int Revision, DateTime FirstReceivedAt, string Form = EntityTag.Json)
{
    public const string Json = "json";
    public const string Text = "text";

    private static readonly string Build = Assembly.GetExecutingAssembly().ManifestModule.ModuleVersionId.ToString("N")[..8];

    private EntityTagHeaderValue Value => new($"\"{DeliveryId:N}.{Revision}.{FirstReceivedAt.Ticks:x}.{Form}.{Build}\"", isWeak: true);

    public void ShowIn(HttpResponse response) => response.GetTypedHeaders().ETag = Value;

    /// <summary>Whether the request's <c>If-None-Match</c> says that the reader has just this.</summary>
    public bool IsKnownTo(HttpRequest request)
    {
        var value = Value;
        return request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(value, useStrongComparison: false));
    }
}

/// <summary>304: what the reader has is what there is.</summary>
internal sealed class NotModified(EntityTag tag) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => StatusCodes.Status304NotModified;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        tag.ShowIn(httpContext.Response);
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }
}
