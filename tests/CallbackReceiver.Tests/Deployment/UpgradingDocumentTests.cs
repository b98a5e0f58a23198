using System.Reflection;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>No migration comes without its line on what it does to replicas of the version before, and without a check with that version.</summary>
public sealed class UpgradingDocumentTests
{
    /// <summary>In their order, without the times in their ids.</summary>
    private static readonly List<string> Migrations =
    [
        .. typeof(ReceiverDbContext).Assembly.GetTypes().Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>()
            .Order(StringComparer.Ordinal).Select(id => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..]),
    ];

    [Fact]
    public void Every_migration_has_its_line()
    {
        var document = CheckedIn.Read("docs/upgrading.md");

        Assert.NotEmpty(Migrations);
        Assert.All(Migrations, migration => Assert.Contains($"\n| `{migration}` | ", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_migration_but_the_first_is_upgraded_to_from_the_version_before_it()
    {
        var script = CheckedIn.Read(".ci/rolling-upgrade");

        Assert.All(Migrations.Skip(1), migration => Assert.Matches($@"\n  [0-9a-f]{{40}} # before (\w+, )*(\w+ and )?{migration}(, \w+)*( and \w+)?\n", script));
    }
}
