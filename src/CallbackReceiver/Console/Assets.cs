using System.Collections.Frozen;
using System.Net.Mime;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CallbackReceiver.WebConsole;

/// <summary>The style sheet, the script and the icon, embedded in the program. Their names have their hash, so that browsers keep them for ever.</summary>
internal static class Assets
{
    public const string Immutable = "immutable";

    public const string Route = Folder + "{file}";

    private const string Folder = ConsoleSetup.Root + "/assets/";

    private static readonly Asset Style = Asset.Load("console.css", MediaTypeNames.Text.Css);
    private static readonly Asset Script = Asset.Load("console.js", MediaTypeNames.Text.JavaScript);
    private static readonly Asset Icon = Asset.Load("icon.svg", MediaTypeNames.Image.Svg);

    private static readonly FrozenDictionary<string, Asset> ByName = new[] { Style, Script, Icon }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    public static string StylePath => Folder + Style.Name;

    public static string ScriptPath => Folder + Script.Name;

    public static string IconPath => Folder + Icon.Name;

    public static Results<FileContentHttpResult, NotFound> Get(string file, HttpResponse response)
    {
        if (!ByName.TryGetValue(file, out var asset))
            return TypedResults.NotFound();
        response.Headers.CacheControl = $"public, max-age=31536000, {Immutable}";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType + "; charset=utf-8");
    }

    private sealed record Asset(string Name, string ContentType, byte[] Bytes)
    {
        public static Asset Load(string file, string contentType)
        {
            using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("console/" + file)!;
            var bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            return new Asset($"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}-{file}", contentType, bytes);
        }
    }
}
