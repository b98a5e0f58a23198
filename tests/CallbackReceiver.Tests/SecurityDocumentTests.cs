using System.Reflection;
using System.Text.RegularExpressions;

namespace CallbackReceiver.Tests;

/// <summary>docs/security.md names the test of each threat.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "security.md"));

    [Fact]
    public void Every_threat_names_its_test()
    {
        var threats = Document.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2).ToList();
        Assert.NotEmpty(threats);
        Assert.All(threats, threat => Assert.Matches(TestName(), threat.Split('|')[3]));
    }

    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        var tests = typeof(SecurityDocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(method => method.GetCustomAttributes<FactAttribute>().Any()))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").ToHashSet();

        Assert.All(TestName().Matches(Document), match => Assert.Contains(match.Groups[1].Value, tests));
    }

    [GeneratedRegex(@"`(\w+(?:Tests|Properties)\.\w+)`")]
    private static partial Regex TestName();
}
