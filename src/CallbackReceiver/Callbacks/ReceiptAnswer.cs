using System.Text.Json;

namespace CallbackReceiver.Callbacks;

/// <summary>
/// A receipt as the answer: 202 for what is kept but not in the tables as it should be, else 200. What the framework has for this makes a
/// logger for each answer, and sends it in chunks.
/// </summary>
internal sealed class ReceiptAnswer(Receipt receipt) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(receipt, ReceiptJson.Readable.Receipt);
        var response = httpContext.Response;
        response.StatusCode = receipt.Outcome is Outcome.Quarantined or Outcome.Spooled ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        return response.BodyWriter.WriteAsync(json).AsTask();
    }
}
