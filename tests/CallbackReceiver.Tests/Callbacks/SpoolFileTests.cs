using System.Text;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Storage;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class SpoolFileTests : IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");
    private readonly FakeTimeProvider time = new();
    private readonly List<Spool> spools = [];

    private string FilePath => Path.Combine(directory, "spool.db");

    public void Dispose()
    {
        spools.ForEach(spool => spool.Dispose());
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void Deliveries_come_back_as_they_were_in_the_order_of_receiving_also_after_a_restart()
    {
        var deliveries = Deliveries(20);
        var spool = Open();
        Assert.All(spool.Write([.. deliveries.Reverse()])!, receipt => Assert.Equal(Outcome.Spooled, receipt!.Outcome));

        foreach (var open in new[] { () => spool, () => Reopen(spool) })
        {
            var opened = open();
            var taken = opened.Take(15, long.MaxValue);
            Assert.Equal(
                deliveries.Take(15).Select(one => (one.Id, one.ReceivedAt, one.WorkspaceId, one.Body.KeyId, Convert.ToHexString(one.Body.Bytes.Span))),
                taken.Select(one => (one.Id, one.ReceivedAt, one.WorkspaceId, one.Body.KeyId, Convert.ToHexString(one.Body.Bytes.Span))));
            Assert.Equal((20, deliveries[0].ReceivedAt), (opened.Measure()!.Value.Deliveries, opened.Measure()!.Value.OldestReceivedAt));
        }
    }

    [Fact]
    public void What_is_over_the_bound_is_refused_and_refuses_nothing_that_fits()
    {
        var small = Deliveries(3);
        var large = Delivery(9, new string('x', 10_000));
        var spool = Open(new SpoolOptions { Directory = directory, MaxBytes = 8000 });

        var receipts = spool.Write([small[0], large, small[1], small[2]])!;

        Assert.Equal([true, false, true, true], receipts.Select(receipt => receipt is not null));
        Assert.Equal(3, spool.Take(10, long.MaxValue).Count);
        Assert.InRange(spool.Measure()!.Value.Bytes, 1, 8000);
    }

    [Fact]
    public void A_held_delivery_is_tried_ever_more_rarely_and_at_once_after_a_restart()
    {
        var held = Delivery(1);
        var spool = Open();
        spool.Write([held], "PostgreSQL answers SQLSTATE P0001");
        Assert.Empty(spool.Take(10, long.MaxValue));
        Assert.Equal(1, spool.Measure()!.Value.Held);

        var pauses = new List<double>();
        for (var time = 0; time < 16; time++)
        {
            pauses.Add(SecondsUntilDue(spool));
            spool.Hold(held, "PostgreSQL answers SQLSTATE P0001");
        }

        Assert.Equal(pauses.Order(), pauses);
        Assert.InRange(pauses[0], 1, 2);
        Assert.Equal(3600, pauses[^1]);
        Assert.Null(spool.TakeHeld());
        Assert.Equal(held.Id, Reopen(spool).TakeHeld()!.Id);
    }

    [Fact]
    public void Only_the_user_of_the_service_can_read_what_waits()
    {
        if (OperatingSystem.IsWindows())
            return; // it has other rights
        Open().Write(Deliveries(1));

        foreach (var file in Directory.GetFiles(directory))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
    }

    [Fact]
    public void A_second_process_with_the_same_folder_is_told_so_and_takes_nothing()
    {
        Open().Write(Deliveries(1));
        var second = Open();

        Assert.Null(second.Write(Deliveries(2)));
        Assert.Empty(second.Take(10, long.MaxValue));
        Assert.Contains("another process", second.FindProblem(), StringComparison.Ordinal);
        Assert.Contains(directory, second.FindProblem(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_spooled_for_another_database_is_left_to_it()
    {
        var (one, other) = (Target("one", Guid.NewGuid()), Target("other", Guid.NewGuid()));
        var spool = Open(target: one);
        spool.Write(Deliveries(3));
        spool.Dispose();

        var ofOther = Open(target: other);
        Assert.Empty(ofOther.Take(10, long.MaxValue));
        Assert.Equal(3, ofOther.Measure()!.Value.OfOtherDatabases);
        ofOther.Dispose();

        Assert.Equal(3, Open(target: Target("moved to another host", one.Id!.Value)).Take(10, long.MaxValue).Count);
    }

    [Fact]
    public void What_was_spooled_before_the_database_was_known_is_for_it_once_it_is()
    {
        var target = new DatabaseTarget("host:5432/calls");
        var spool = Open(target: target);
        spool.Write(Deliveries(3));
        target.Id = Guid.NewGuid();

        spool.AimAtDatabase();
        spool.Write([Delivery(7)]);

        Assert.Equal(4, spool.Take(10, long.MaxValue).Count);
        Assert.Equal(0, spool.Measure()!.Value.OfOtherDatabases);
    }

    [Fact]
    public void The_operator_can_have_what_was_spooled_for_a_lost_database_stored()
    {
        var spool = Open(target: Target("lost", Guid.NewGuid()));
        spool.Write(Deliveries(3));
        spool.Dispose();

        Assert.Equal(3, Open(new SpoolOptions { Directory = directory, TakeFromOtherDatabases = true }, Target("new", Guid.NewGuid())).Take(10, long.MaxValue).Count);
    }

    [Fact]
    public void A_file_that_is_no_spool_is_moved_aside_and_the_spool_goes_on()
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(FilePath, "This is not what SQLite wrote. " + new string('x', 5000));
        var spool = Open();

        Assert.NotNull(spool.Write(Deliveries(2)));

        Assert.Equal(2, spool.Take(10, long.MaxValue).Count);
        Assert.Equal(1, spool.Measure()!.Value.Damaged);
        Assert.Single(Directory.GetFiles(directory, "spool.db.damaged-*"));
    }

    [Theory]
    [InlineData(0.15)]
    [InlineData(0.5)]
    [InlineData(0.85)]
    public void Of_a_damaged_file_all_that_can_be_read_is_kept(double place)
    {
        var deliveries = Enumerable.Range(0, 200).Select(number => Delivery(number, new string((char)('a' + number % 26), 3000))).ToList();
        var spool = Open();
        spool.Write(deliveries);
        spool.Erase([]); // the log is empty
        spool.Dispose();
        using (var file = new FileStream(FilePath, FileMode.Open))
        {
            file.Position = (long)(file.Length * place) / 4096 * 4096;
            file.Write(new byte[4096]); // a page of zeros
        }

        var next = Open();
        var kept = next.Take(1000, long.MaxValue);

        Assert.InRange(kept.Count, 150, 200);
        Assert.Equal(kept.Select(one => one.Id), deliveries.Select(one => one.Id).Where(id => kept.Any(one => one.Id == id)));
        Assert.InRange(next.Measure()!.Value.Damaged, 1, 50);
        Assert.NotNull(next.Write([Delivery(777)]));
    }

    [Fact]
    public void A_file_that_is_deleted_while_it_is_in_use_loses_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows deletes no file that is in use.");
        var spool = Open();
        spool.Write(Deliveries(5));
        Directory.Delete(directory, recursive: true);

        Assert.NotNull(spool.Write([Delivery(9)]));

        Assert.Equal(6, spool.Take(10, long.MaxValue).Count);
        Assert.Equal(6, Reopen(spool).Take(10, long.MaxValue).Count);
    }

    [Fact]
    public void What_is_erased_is_in_no_file_any_more()
    {
        var spool = Open();
        var erased = Delivery(1, "canary");
        spool.Write([erased, .. Deliveries(3)]);
        Assert.True(IsOnDisk("canary"));

        spool.Erase([erased]);

        Assert.False(IsOnDisk("canary"));
        Assert.Equal(3, spool.Take(10, long.MaxValue).Count);
    }

    [Fact]
    public void Why_the_spool_cannot_be_used_names_path_and_user()
    {
        File.WriteAllText(directory, "a file where the folder should be");
        var spool = Open();

        Assert.Null(spool.Write(Deliveries(1)));

        Assert.Contains(FilePath, spool.FindProblem(), StringComparison.Ordinal);
        Assert.Contains(OperatingSystem.IsWindows() ? Environment.UserName : "uid ", spool.FindProblem(), StringComparison.Ordinal);
        File.Delete(directory);
    }

    private double SecondsUntilDue(Spool spool)
    {
        for (var seconds = 0.0; ; seconds++)
        {
            if (spool.TakeHeld() is not null)
                return seconds;
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private bool IsOnDisk(string text) => Directory.GetFiles(directory).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });

    private Spool Reopen(Spool spool)
    {
        spool.Dispose();
        return Open();
    }

    private Spool Open(SpoolOptions? options = null, DatabaseTarget? target = null)
    {
        var spool = new Spool(
            Options.Create(options ?? new SpoolOptions { Directory = directory }), new ConfigurationBuilder().Build(), target ?? new DatabaseTarget("host:5432/calls"), time, NullLogger<Spool>.Instance);
        spools.Add(spool);
        return spool;
    }

    private static DatabaseTarget Target(string connection, Guid id) => new(connection) { Id = id };

    private static Delivery[] Deliveries(int count) => [.. Enumerable.Range(0, count).Select(number => Delivery(number))];

    private static Delivery Delivery(int number, string text = "")
    {
        var body = VerifiedBody.Restore(Workspaces.Demo, "key", Encoding.UTF8.GetBytes($"body {number} {text}"));
        return new Delivery(body, CallbackParser.Parse(body), DateTimeOffset.UnixEpoch.AddSeconds(number));
    }
}
