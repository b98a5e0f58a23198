#:property PublishAot=false

// The bill of materials of a published program: `dotnet run deploy/sbom.cs -- out/CallbackReceiver.deps.json` writes CycloneDX 1.6 to the
// console, from what the build itself has noted of the packages that it took. The same program gives the same bytes. What a base image adds,
// an image scanner finds.

using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

if (args is not [var file] || !File.Exists(file))
{
    Console.Error.WriteLine("Name the .deps.json of a published program.");
    return 1;
}

using var document = JsonDocument.Parse(File.ReadAllBytes(file));
var packagesFolder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } configured
    ? configured
    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
var libraries = document.RootElement.GetProperty("libraries").EnumerateObject().Select(Library.Read).OrderBy(library => library.Name, StringComparer.Ordinal).ToList();
var program = libraries.Single(library => library.Name == Path.GetFileName(file)[..^".deps.json".Length]);
var needs = document.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject().ToDictionary(
    target => target.Name, target => target.Value.TryGetProperty("dependencies", out var names) ? names.EnumerateObject().Select(name => name.Name).ToArray() : []);

var components = new JsonArray([.. libraries.Where(library => library != program).Select(library => Component(library, "library"))]);
var dependencies = new JsonArray([.. libraries.Select(library => new JsonObject
{
    ["ref"] = library.Reference,
    ["dependsOn"] = new JsonArray([.. needs.GetValueOrDefault(library.Key, [])
        .Select(name => libraries.FirstOrDefault(other => other.Name == name)?.Reference).OfType<string>().Order(StringComparer.Ordinal).Select(reference => JsonValue.Create(reference))]),
})]);
var bill = new JsonObject
{
    ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
    ["bomFormat"] = "CycloneDX",
    ["specVersion"] = "1.6",
    ["serialNumber"] = SerialNumber(components, dependencies),
    ["version"] = 1,
    ["metadata"] = new JsonObject { ["component"] = Component(program, "application") },
    ["components"] = components,
    ["dependencies"] = dependencies,
};
Console.WriteLine(bill.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
return 0;

JsonObject Component(Library library, string type)
{
    var component = new JsonObject { ["type"] = type, ["bom-ref"] = library.Reference, ["name"] = library.Name, ["version"] = library.Version };
    if (library.Sha512 is { } digest)
        component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = digest });
    if (library.PackagePath is { } path && License(Path.Combine(packagesFolder, path)) is { } license)
        component["licenses"] = new JsonArray(license);
    if (library.PackagePath is not null)
        component["purl"] = library.Reference;
    return component;
}

// As the package says it: an SPDX expression, or an address where it is to be read.
static JsonObject? License(string folder)
{
    var description = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.nuspec").FirstOrDefault() : null;
    if (description is null)
        return null;
    var elements = XDocument.Load(description).Descendants().ToLookup(element => element.Name.LocalName);
    if (elements["license"].FirstOrDefault(license => license.Attribute("type")?.Value == "expression") is { } expression)
        return new JsonObject { ["expression"] = expression.Value };
    return elements["licenseUrl"].FirstOrDefault() is { Value.Length: > 0 } url
        ? new JsonObject { ["license"] = new JsonObject { ["name"] = "see its address", ["url"] = url.Value } }
        : null;
}

// Of the contents, so that the same bill has the same number: a UUID of version 8 (RFC 9562).
static string SerialNumber(params JsonNode[] contents)
{
    var digest = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(contents));
    digest[6] = (byte)((digest[6] & 0x0F) | 0x80);
    digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
    return $"urn:uuid:{new Guid(digest.AsSpan(0, 16), bigEndian: true)}";
}

internal sealed record Library(string Key, string Name, string Version, string? Sha512, string? PackagePath)
{
    public string Reference => PackagePath is null ? Key : $"pkg:nuget/{Name}@{Version}";

    public static Library Read(JsonProperty library)
    {
        var (name, version) = library.Name.Split('/') is [var first, var second] ? (first, second) : throw new FormatException(library.Name);
        var digest = library.Value.GetProperty("sha512").GetString() is { Length: > 0 } text
            ? Convert.ToHexStringLower(Convert.FromBase64String(text["sha512-".Length..]))
            : null;
        var path = library.Value.GetProperty("type").GetString() == "package" ? library.Value.GetProperty("path").GetString() : null;
        return new Library(library.Name, name, version, digest, path);
    }
}
