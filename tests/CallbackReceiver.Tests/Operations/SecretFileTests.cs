using System.Text;
using CallbackReceiver.Access;
using CallbackReceiver.Operations;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;

namespace CallbackReceiver.Tests.Operations;

/// <summary>Files of secrets as editors, shells and other systems write them.</summary>
public sealed class SecretFileTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private const string KeyFile = "Workspaces__demo__Keys__0";
    private const string DigestFile = "ApiKeys__0__Sha256";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("callback-receiver-secrets-");

    /// <summary>What may stand around a value.</summary>
    public static TheoryData<string, string> Around => new()
    {
        { "", "\n" }, { "", "\r\n" }, { "", "\n\n\n" }, { "", "\r\n\r\n" }, { "\n", "" }, { " ", " \t " }, { "\ufeff", "" }, { "\ufeff", "\r\n" }, { "", "\r" },
    };

    public static TheoryData<string> DigestLines => ["{0}  -\n", "{0}  key.txt", "{0} *key.txt\r\n", "{0}", " {0} \n", "{0}\t-"];

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Around))]
    public void What_stands_around_a_value_is_taken_away(string before, string after)
    {
        Write(KeyFile, before + Keys.Demo + after);

        Assert.Single(SigningKeys.Read(Read()).Of("demo"));
    }

    [Fact]
    public void A_file_of_UTF_16_with_its_mark_is_read_as_such()
    {
        File.WriteAllText(Path.Combine(directory.FullName, KeyFile), Keys.Demo + "\r\n", Encoding.Unicode);

        Assert.Single(SigningKeys.Read(Read()).Of("demo"));
    }

    [Theory]
    [MemberData(nameof(DigestLines))]
    public void The_line_that_sha256sum_writes_is_a_digest(string line)
    {
        WriteReader(line.Replace("{0}", Keys.Digest(Keys.ApiAll), StringComparison.Ordinal));

        Assert.Equal("all", ApiKeys.Read(Read()).Find(Keys.ApiAll)?.Name);
        Assert.Equal("all", ApiKeys.Read(new ConfigurationBuilder().AddInMemoryCollection(Read().AsEnumerable()).Build()).Find(Keys.ApiAll)?.Name);
    }

    [Theory]
    [InlineData(KeyFile, "two-canary\nlines-canary")]
    [InlineData(KeyFile, "canary of two words")]
    [InlineData(KeyFile, "\n\n")]
    [InlineData(DigestFile, "canary")]
    [InlineData(DigestFile, "{0}\n{0}")]
    public void A_value_that_cannot_be_used_is_refused_with_its_file_and_without_itself(string file, string content)
    {
        WriteReader(Keys.Digest(Keys.ApiAll));
        var digest = Keys.Digest(Keys.ApiDemo);
        Write(file, content.Replace("{0}", digest, StringComparison.Ordinal));

        var refused = Assert.Throws<ConfigurationException>(() => (SigningKeys.Read(Read()), ApiKeys.Read(Read())));

        Assert.Contains(Path.Combine(directory.FullName, file), refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(digest, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_text_or_far_too_long_is_refused_by_name()
    {
        File.WriteAllBytes(Path.Combine(directory.FullName, "Binary"), [0xC3, 0x28, 0xFF]);
        File.WriteAllBytes(Path.Combine(directory.FullName, "Long"), new byte[2 * 1024 * 1024]);

        var refused = Assert.Throws<ConfigurationException>(Read);

        Assert.Contains(Path.Combine(directory.FullName, "Binary") + ": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(directory.FullName, "Long") + ": ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_refused_by_name()
    {
        File.CreateSymbolicLink(Path.Combine(directory.FullName, KeyFile), Path.Combine(directory.FullName, "gone"));

        Assert.Contains(Path.Combine(directory.FullName, KeyFile) + ": ", Assert.Throws<ConfigurationException>(Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_that_cannot_be_read_is_logged_and_hinders_no_other_and_its_value_before_stays()
    {
        Write(KeyFile, Keys.Demo);
        Write("Workspaces__other__Keys__0", Keys.DemoOld);
        await using var host = await ReceiverHost.StartAsync(database.ConnectionString, new ReceiverSettings { WithWorkspaces = false, Values = { ["Secrets:Directory"] = directory.FullName } });

        await File.WriteAllBytesAsync(Path.Combine(directory.FullName, KeyFile), [0xC3, 0x28], TestContext.Current.CancellationToken);
        Write("Workspaces__other__Keys__0", Keys.Other + "\r\n");

        await Eventually.HoldsAsync(async () => (await host.Client.PostAsync("other", Body("other"), Keys.Other)).Status == 200, "the other file's new key is taken");
        Assert.Equal(200, (await host.Client.PostAsync("demo", Body("demo"), Keys.Demo)).Status);
        Assert.Contains(host.Logs.Errors, line => line.Contains(KeyFile, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_of_several_lines_stays_whole()
    {
        Write("Jwt__SigningKeys__0", "-----BEGIN PUBLIC KEY-----\r\nAAAA\r\n-----END PUBLIC KEY-----\r\n");

        Assert.Equal("-----BEGIN PUBLIC KEY-----\r\nAAAA\r\n-----END PUBLIC KEY-----", Read()["Jwt:SigningKeys:0"]);
    }

    private static byte[] Body(string workspaceId) => new CallbackBuilder { WorkspaceId = workspaceId }.Build();

    private void WriteReader(string digest)
    {
        Write("ApiKeys__0__Name", "all\r\n");
        Write(DigestFile, digest);
        Write("ApiKeys__0__Workspaces__0", "*\n");
        Write("ApiKeys__0__Scopes__0", "read\n");
    }

    private void Write(string file, string content) => File.WriteAllText(Path.Combine(directory.FullName, file), content);

    private ConfigurationManager Read()
    {
        var configuration = new ConfigurationManager();
        configuration["Secrets:Directory"] = directory.FullName;
        configuration.AddSecretFiles();
        return configuration;
    }
}
