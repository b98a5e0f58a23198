namespace CallbackReceiver.Tests;

public sealed class SampleTests
{
    [Fact]
    public void Samples_are_beside_the_tests() =>
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "Samples", "vectors.json")));
}
