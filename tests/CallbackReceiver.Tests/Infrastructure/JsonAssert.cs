using System.Text.Json;

namespace CallbackReceiver.Tests.Infrastructure;

internal static class JsonAssert
{
    /// <summary>A JSON value is the one that a text holds, whatever the order of members and the spaces.</summary>
    public static void Equal(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), $"expected {expected}{Environment.NewLine}but is  {actual.GetRawText()}");
}
