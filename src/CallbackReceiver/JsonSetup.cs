using System.Text.Encodings.Web;
using System.Text.Json;
using CallbackReceiver.Callbacks;

namespace CallbackReceiver;

/// <summary>JSON as all of the service's answers write it: snake_case names, and Chinese as it is instead of as escapes.</summary>
internal static class JsonSetup
{
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static void AddJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.SerializerOptions.Encoder = Encoder;
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, ReceiptJson.Default);
    });
}
