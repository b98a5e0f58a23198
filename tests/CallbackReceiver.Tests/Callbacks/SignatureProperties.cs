using CallbackReceiver.Access;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Tests.Infrastructure;
using CsCheck;

namespace CallbackReceiver.Tests.Callbacks;

public sealed class SignatureProperties(HostedReceiver receiver) : IClassFixture<HostedReceiver>
{
    [Fact]
    public async Task Any_change_of_one_bit_answers_401() => await Gen.Select(Gen.Byte.Array[1, 300], Gen.Int[0, int.MaxValue], Gen.Int[0, 255]).Array[20].SampleAsync(async cases =>
    {
        foreach (var (body, bodyBit, signatureBit) in cases)
        {
            var signature = CallbackBuilder.Sign(body, Keys.Demo);
            var changedBody = Flip(body, bodyBit % (8 * body.Length));
            var changedSignature = Convert.ToHexStringLower(Flip(Convert.FromHexString(signature), signatureBit));
            foreach (var url in new[] { Workspaces.Demo, null })
            {
                Assert.Equal(401, (await receiver.Client.PostSignedAsync(url, changedBody, signature)).Status);
                Assert.Equal(401, (await receiver.Client.PostSignedAsync(url, body, changedSignature)).Status);
            }

            Assert.Null(await receiver.Database.DeliveryOfAsync(changedBody));
            Assert.Null(await receiver.Database.DeliveryOfAsync(body));
        }
    }, iter: 5, threads: 1);

    [Fact]
    public void Every_bit_of_body_and_signature_counts()
    {
        SigningKey[] keys = [new(Workspaces.Demo, Keys.DemoOld), new(Workspaces.Demo, Keys.Demo)];
        var body = new CallbackBuilder().Build();
        var signature = Convert.FromHexString(CallbackBuilder.Sign(body, Keys.Demo));
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
