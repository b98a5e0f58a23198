namespace SeaMeet.Simulator.Storage;

/// <summary>The storage that takes uploads at presigned addresses, as S3 does for SeaMeet.</summary>
internal static class StorageSetup
{
    public static void AddStorage(this IServiceCollection services)
    {
        services.AddSingleton<PresignedUrls>();
        services.AddSingleton<UploadApi>();
    }

    public static void MapStorage(this WebApplication app) =>
        app.MapPut(PresignedUrls.Root + "/{workspaceId}/{meetingId}/{name}", app.Services.GetRequiredService<UploadApi>().PutAsync).WithMetadata(Operation.Upload);
}
