using System.Net;
using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class SignatureProperties(Receiver receiver) : IClassFixture<Receiver>
{
    [Fact]
    public async Task Any_change_of_one_bit_answers_401() => await Gen.Select(Gen.Byte.Array[1, 300], Gen.Int[0, int.MaxValue], Gen.Int[0, 255]).Array[20].SampleAsync(async cases =>
    {
        foreach (var (body, bodyBit, signatureBit) in cases)
        {
            var signature = CallbackClient.Sign(body, Workspaces.DemoKey);
            var changedBody = Flip(body, bodyBit % (8 * body.Length));
            var changedSignature = Convert.ToHexStringLower(Flip(Convert.FromHexString(signature), signatureBit));
            foreach (var url in new[] { Workspaces.Demo, null })
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Client.PostSignedAsync(url, changedBody, signature)).Status);
                Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Client.PostSignedAsync(url, body, changedSignature)).Status);
            }

            Assert.Null(await receiver.Database.DeliveryOfAsync(changedBody));
            Assert.Null(await receiver.Database.DeliveryOfAsync(body));
        }
    }, iter: 5, threads: 1);

    [Fact]
    public void Every_bit_of_body_and_signature_counts()
    {
        SigningKey[] keys = [new(Workspaces.Demo, Workspaces.DemoOldKey), new(Workspaces.Demo, Workspaces.DemoKey)];
        var body = new CallbackBuilder().Build();
        var signature = Convert.FromHexString(CallbackClient.Sign(body, Workspaces.DemoKey));
        Assert.NotNull(Verify(body, signature));
        for (var bit = 0; bit < 8 * body.Length; bit++)
            Assert.Null(Verify(Flip(body, bit), signature));
        for (var bit = 0; bit < 8 * signature.Length; bit++)
            Assert.Null(Verify(body, Flip(signature, bit)));

        VerifiedBody? Verify(byte[] body, byte[] mac) => VerifiedBody.Verify(keys, Signature.Parse(Convert.ToHexStringLower(mac)), body);
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
