using System.Security.Cryptography;
using System.Text;

namespace SeaMeet.Simulator.Api;

/// <summary>The API of the document, under <c>/seameet-api</c> as at Seasalt, and without that prefix.</summary>
internal static class ApiSetup
{
    public static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<MeetingStore>();
        services.AddSingleton<MeetingsApi>();
        services.AddSingleton<AnalysisApi>();
    }

    public static void MapApi(this WebApplication app)
    {
        foreach (var prefix in (string[])["/seameet-api", ""])
        {
            var workspace = app.MapGroup(prefix + "/api/v1/workspaces/{workspaceId}").AddEndpointFilter(RequireAsync);
            var meetings = app.Services.GetRequiredService<MeetingsApi>();
            var analysis = app.Services.GetRequiredService<AnalysisApi>();
            workspace.MapPost("/meetings", meetings.CreateAsync).WithMetadata(Operation.CreateMeeting);
            workspace.MapDelete("/meetings/{meetingId}", meetings.Delete).WithMetadata(Operation.DeleteMeeting);
            workspace.MapPost("/meetings/{meetingId}/upload_audio_url", meetings.CreateUploadUrlAsync).WithMetadata(Operation.CreateUploadUrl);
            workspace.MapPost("/meetings/{meetingId}/analyze_audio", analysis.RunAsync).WithMetadata(Operation.RunAnalysis);
            workspace.MapGet("/jobs/{jobId}", analysis.GetJob).WithMetadata(Operation.GetJob);
        }
    }

    /// <summary>The token first: without it, nothing is told about workspaces.</summary>
    private static async ValueTask<object?> RequireAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var options = context.RequestServices.GetRequiredService<SimulatorOptions>();
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes("Bearer " + options.AccessToken)))
            return Answer.Error(StatusCodes.Status401Unauthorized, "the access token is missing or wrong");
        var workspaceId = context.Request.RouteValues["workspaceId"]?.ToString() ?? "";
        return options.Workspaces.ContainsKey(workspaceId)
            ? await next(invocation)
            : Answer.Error(StatusCodes.Status404NotFound, $"the simulator has no workspace '{workspaceId}'");
    }
}
