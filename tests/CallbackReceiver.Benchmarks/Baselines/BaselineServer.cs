using CallbackReceiver.Access;
using CallbackReceiver.Benchmarks.Servers;
using CallbackReceiver.Callbacks;
using CallbackReceiver.Operations;
using CallbackReceiver.Operations.Logging;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CallbackReceiver.Benchmarks.Baselines;

/// <summary>
/// What a good engineer would write in an afternoon: a minimal API that stores each callback by itself. Logging, configuration, schema,
/// reading, verifying and parsing are the service's own, so that the figures tell apart ways of storing and nothing else.
/// </summary>
internal static class BaselineServer
{
    /// <summary>The first argument of a process that is a baseline; the second is the variant's name. <c>ingest</c> starts it.</summary>
    public const string Command = "baseline";

    public static async Task RunAsync(string variant)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var logger = builder.AddLogs();
        await using var ownPostgres = await builder.AddStorageAsync(logger);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddJson();
        builder.Services.AddProblems();
        builder.Services.AddAccess();
        builder.Services.AddOptions<CallbackOptions>().BindConfiguration(CallbackOptions.Section);
        builder.Services.AddSingleton<BodyMemory>().AddSingleton<BodyReader>().AddSingleton<SignatureVerifier>().AddSingleton<ReceiveClock>();
        if (variant == Variant.Insert.Name)
            builder.Services.AddSingleton<IBaselineStore>(_ => new InsertStore(NpgsqlDataSource.Create(builder.Configuration.GetConnectionString("CallbackReceiver")!)));
        else if (variant == Variant.InsertPrepared.Name)
            builder.Services.AddSingleton<IBaselineStore, InsertStore>();
        else
            builder.Services.AddScoped<IBaselineStore, EfStore>();

        await using var app = builder.Build();
        app.UseRequestLog();
        app.UseProblems();
        app.UseRouting();
        app.UseAccess();
        app.MapPost("/callbacks/{workspace_id}", ReceiveAsync).AllowAnonymous().ShortCircuit();
        app.MapGet(HealthSetup.ReadyPath, (SchemaMigration migration) =>
            migration.IsApplied ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
        await app.RunAsync();
    }

    private static async Task<IResult> ReceiveAsync(
        string workspace_id,
        HttpContext http,
        BodyReader bodies,
        SignatureVerifier verifier,
        ReceiveClock clock,
        IBaselineStore store)
    {
        using var body = await bodies.ReadAsync(http.Request);
        if (body is null)
            return Problem.Unavailable();
        if (verifier.Verify(workspace_id, Signature.Parse(http.Request.Headers[Signature.HeaderName]), body.Bytes) is not { } verified)
            return Problem.InvalidSignature();
        var callback = CallbackParser.Parse(verified);
        if (callback is ParsedCallback.OtherWorkspace)
            return Problem.OtherWorkspace();
        var receipt = await store.StoreAsync(new Delivery(verified, callback, clock.Next()), http.RequestAborted);
        return receipt.Outcome == Outcome.Quarantined ? TypedResults.Accepted((string?)null, receipt) : TypedResults.Ok(receipt);
    }
}
