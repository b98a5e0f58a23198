using CallbackReceiver.Storage;

namespace CallbackReceiver.Tests.Storage;

public sealed class PoolSizesTests
{
    [Fact]
    public void All_shares_together_are_what_is_allowed_and_none_is_too_small()
    {
        for (var total = PoolSizes.Least; total <= 1000; total++)
        {
            var sizes = PoolSizes.Of(total);
            Assert.Equal(total, sizes.Receiving + sizes.Background + sizes.Events + sizes.Managing + sizes.Reading);
            Assert.True(sizes is { Receiving: >= 4, Background: >= 6, Events: >= 2, Managing: >= 2, Reading: >= 2 }, sizes.ToString());
        }
    }

    [Fact]
    public void The_default_leaves_room_on_a_PostgreSQL_with_its_own_default() => Assert.InRange(PoolSizes.Default, PoolSizes.Least, 90);
}
