using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;

namespace CallbackReceiver.Tests.Client;

/// <summary>Makes a client of the OpenAPI document, as a dashboard's author would. NSwag reads version 3.1 as it is, types with null included.</summary>
internal static class ClientGenerator
{
    public static async Task<string> GenerateAsync(string document) =>
        new CSharpClientGenerator(await OpenApiDocument.FromJsonAsync(document), Settings).GenerateFile();

    private static CSharpClientGeneratorSettings Settings => new()
    {
        ClassName = "ReceiverClient",
        UseBaseUrl = false,
        GenerateOptionalParameters = true,
        CSharpGeneratorSettings =
        {
            Namespace = typeof(ClientGenerator).Namespace!,
            JsonLibrary = CSharpJsonLibrary.SystemTextJson,
            GenerateNullableReferenceTypes = true,
        },
    };
}
