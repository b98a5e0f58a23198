using System.Text;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Callbacks.Spooling;
using CallbackReceiver.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class SpoolFolderTests : IDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"callback-receiver-spool-{Guid.NewGuid():N}");
    private readonly Spool spool;

    public SpoolFolderTests() => spool = new Spool(
        Options.Create(new SpoolOptions { Directory = directory }), new ConfigurationBuilder().Build(), NullLogger<Spool>.Instance);

    public void Dispose()
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void A_delivery_that_cannot_be_written_refuses_no_other_of_its_batch()
    {
        var deliveries = Enumerable.Range(0, 20).Select(Delivery).ToList();
        var unwritable = deliveries[7];
        Directory.CreateDirectory(Path.Combine(directory, SpoolFile.NameOf(unwritable) + ".unfinished")); // where its file would be

        var receipts = spool.Write(deliveries)!;

        Assert.Null(receipts[7]);
        Assert.Equal(19, receipts.Count(receipt => receipt is { Outcome: Outcome.Spooled }));
        Assert.Equal(deliveries.Where(delivery => delivery != unwritable).Select(delivery => delivery.Id), spool.List().Select(name => spool.Read(name)!.Id));
    }

    [Fact]
    public async Task Files_that_another_replica_stores_and_deletes_meanwhile_do_not_disturb_the_list()
    {
        Directory.CreateDirectory(directory);
        var otherReplica = Task.Run(
            () =>
            {
                for (var time = 0; time < 2000; time++)
                {
                    var files = Enumerable.Range(0, 10).Select(number => Path.Combine(directory, $"{number}.delivery")).ToList();
                    files.ForEach(file => File.WriteAllText(file, ""));
                    files.ForEach(File.Delete);
                }
            },
            TestContext.Current.CancellationToken);

        while (!otherReplica.IsCompleted)
            Assert.InRange(spool.List().Count, 0, 10);

        await otherReplica;
    }

    private static Delivery Delivery(int number)
    {
        var body = VerifiedBody.Restore(Workspaces.Demo, "key", Encoding.UTF8.GetBytes($"body {number}"));
        return new Delivery(body, CallbackParser.Parse(body), DateTimeOffset.UnixEpoch.AddSeconds(number));
    }
}
