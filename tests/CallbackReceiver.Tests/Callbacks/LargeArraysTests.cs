using CallbackReceiver.Callbacks;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class LargeArraysTests
{
    private const int Length = 128 * 1024;

    private readonly LargeArrays arrays = new(maxBytes: 4 * Length);

    [Fact]
    public void What_was_given_back_is_used_again()
    {
        var first = arrays.Rent(Length);
        var second = arrays.Rent(Length);
        Assert.Equal((Length, Length), (first.Length, second.Length));
        Assert.NotSame(first, second);

        arrays.Return(first);

        Assert.Same(first, arrays.Rent(Length));
        Assert.NotSame(first, arrays.Rent(Length));
    }

    [Fact]
    public void What_may_still_be_read_is_not_used_again()
    {
        var read = arrays.Rent(Length);

        arrays.Forget(read);

        Assert.NotSame(read, arrays.Rent(Length));
    }

    [Fact]
    public void What_waits_makes_room_for_what_is_used()
    {
        byte[][] before = [.. Enumerable.Range(0, 4).Select(_ => arrays.Rent(Length))];
        foreach (var array in before)
            arrays.Return(array);

        var longer = arrays.Rent(2 * Length); // two that wait must go, those that were given back first
        Assert.Same(before[3], arrays.Rent(Length));
        Assert.Same(before[2], arrays.Rent(Length));
        arrays.Return(longer);
        var another = arrays.Rent(Length);
        Assert.All(before, array => Assert.NotSame(array, another));
    }

    [Fact]
    public void A_full_collection_takes_what_waits()
    {
        var waiting = RentAndReturn();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(waiting.TryGetTarget(out _));
        Assert.Equal(Length, arrays.Rent(Length).Length);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference<byte[]> RentAndReturn()
    {
        var array = arrays.Rent(Length);
        arrays.Return(array);
        return new WeakReference<byte[]>(array);
    }
}
