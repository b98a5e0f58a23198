using CallbackReceiver.Storage.Embedded;
using Microsoft.Extensions.Configuration;

namespace CallbackReceiver.Tests.Storage.Embedded;

public sealed class EmbeddedPostgresOptionsTests
{
    [Fact]
    public void Every_option_binds_from_the_configuration_section()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["EmbeddedPostgres:Directory"] = "/state",
            ["EmbeddedPostgres:BinDirectory"] = "/bin",
            ["EmbeddedPostgres:SearchDirectories:0"] = "/one",
            ["EmbeddedPostgres:SearchDirectories:1"] = "/two",
            ["EmbeddedPostgres:MavenRepository"] = "https://mirror.example",
            ["EmbeddedPostgres:Version"] = "16",
            ["EmbeddedPostgres:StartupTimeout"] = "00:05:00",
            ["EmbeddedPostgres:Parameters:work_mem"] = "8MB",
        }).Build();

        var options = configuration.GetSection(EmbeddedPostgresOptions.Section).Get<EmbeddedPostgresOptions>()!;

        Assert.Equal("/state", options.Directory);
        Assert.Equal("/bin", options.BinDirectory);
        Assert.Equal(["/one", "/two"], options.SearchDirectories);
        Assert.Equal("https://mirror.example", options.MavenRepository);
        Assert.Equal("16", options.Version);
        Assert.Equal(TimeSpan.FromMinutes(5), options.StartupTimeout);
        Assert.Equal("8MB", options.Parameters["work_mem"]);
    }
}
