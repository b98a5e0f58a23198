using CallbackReceiver.Access;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallbackReceiver.Tests.Access;

public sealed class ApiKeysTests
{
    private static readonly Dictionary<string, string?> Valid = new()
    {
        ["ApiKeys:0:Name"] = "dashboard",
        ["ApiKeys:0:Sha256"] = Keys.Digest("first"),
        ["ApiKeys:0:Workspaces:0"] = "*",
        ["ApiKeys:0:Scopes:0"] = "read",
        ["ApiKeys:1:Name"] = "erasure",
        ["ApiKeys:1:Sha256"] = Keys.Digest("文件"),
        ["ApiKeys:1:Workspaces:0"] = "demo",
        ["ApiKeys:1:Scopes:0"] = "read",
        ["ApiKeys:1:Scopes:1"] = "manage",
    };

    [Fact]
    public void A_key_is_found_by_its_utf8_bytes_and_nothing_else()
    {
        var keys = ApiKeys.Read(Configuration(Valid));

        Assert.Equal("dashboard", keys.Find("first")!.Name);
        Assert.Equal("erasure", keys.Find("文件")!.Name);
        Assert.All(["First", "first ", "", Keys.Digest("first")], wrong => Assert.Null(keys.Find(wrong)));
    }

    [Fact]
    public void Upper_case_digits_are_the_same_digest() =>
        Assert.NotNull(ApiKeys.Read(Configuration(With("ApiKeys:0:Sha256", Keys.Digest("first").ToUpperInvariant()))).Find("first"));

    [Fact]
    public void No_keys_are_no_error() => Assert.Null(ApiKeys.Read(Configuration([])).Find("first"));

    [Theory]
    [InlineData("ApiKeys:1:Name", "", "ApiKeys:1:Name: give the key a name")]
    [InlineData("ApiKeys:1:Name", "dashboard", "two keys have the name 'dashboard'")]
    [InlineData("ApiKeys:1:Sha256", null, "ApiKeys:1:Sha256: give the key's SHA-256 in 64 hex digits")]
    [InlineData("ApiKeys:1:Sha256", "secret-in-the-clear", "ApiKeys:1:Sha256: give the key's SHA-256 in 64 hex digits")]
    [InlineData("ApiKeys:1:Sha256", "zf2e39b2ff141859b18bb5283aadd5093c8ede2869f3656231a054e54bfc2200", "ApiKeys:1:Sha256: give the key's SHA-256 in 64 hex digits")]
    [InlineData("ApiKeys:1:Workspaces:0", null, "ApiKeys:1:Workspaces: name the workspaces")]
    [InlineData("ApiKeys:1:Scopes:0", "write", "ApiKeys:1:Scopes: name at least one of: read, manage")]
    [InlineData("ApiKeys:1:Scopes:0", "Read", "ApiKeys:1:Scopes: name at least one of: read, manage")]
    public void A_wrong_value_is_told_by_its_key_and_the_fix_and_never_shown(string key, string? value, string message)
    {
        var wrong = Assert.Throws<ConfigurationException>(() => ApiKeys.Read(Configuration(With(key, value))));

        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
        if (key.EndsWith("Sha256", StringComparison.Ordinal) && value is not null)
            Assert.DoesNotContain(value, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_digest_in_two_places_is_an_error()
    {
        var wrong = Assert.Throws<ConfigurationException>(() => ApiKeys.Read(Configuration(With("ApiKeys:1:Sha256", Keys.Digest("first").ToUpperInvariant()))));

        Assert.Contains("two keys have the same Sha256", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_change_keeps_the_keys_that_are_in_force()
    {
        var configuration = Configuration(Valid);
        using var setting = new ReloadingSetting<ApiKeys>(configuration, ApiKeys.Read, NullLogger.Instance);

        configuration["ApiKeys:0:Sha256"] = "wrong";
        configuration.Reload();
        Assert.NotNull(setting.Current.Find("first"));

        configuration["ApiKeys:0:Sha256"] = Keys.Digest("second");
        configuration.Reload();
        Assert.Null(setting.Current.Find("first"));
        Assert.NotNull(setting.Current.Find("second"));
    }

    [Fact]
    public async Task A_wrong_key_stops_the_start_with_its_name()
    {
        var settings = new Dictionary<string, string>(Keys.Settings)
        {
            ["ConnectionStrings:CallbackReceiver"] = "Host=127.0.0.1;Port=1;Timeout=1",
            ["ApiKeys:1:Scopes:0"] = "everything",
        };

        var (exitCode, log) = await ReceiverProcess.RunToEndAsync(settings);

        Assert.Equal(1, exitCode);
        Assert.Contains("ApiKeys:1:Scopes: name at least one of: read, manage, metrics.", log, StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();

    private static Dictionary<string, string?> With(string key, string? value)
    {
        var changed = new Dictionary<string, string?>(Valid);
        if (value is null)
            changed.Remove(key);
        else
            changed[key] = value;
        return changed;
    }
}
