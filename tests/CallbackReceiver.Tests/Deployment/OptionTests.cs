using System.Runtime.CompilerServices;
using CallbackReceiver.Storage;

namespace CallbackReceiver.Tests.Deployment;

public sealed class OptionTests
{
    /// <summary>The generated binder passes over what can be set by an initializer only, and says nothing.</summary>
    [Fact]
    public void Every_option_can_be_configured()
    {
        var options = typeof(ReceiverDbContext).Assembly.GetTypes().Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(options);
        Assert.Empty(options.SelectMany(type => type.GetProperties())
            .Where(property => property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }
}
