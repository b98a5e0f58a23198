using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CallbackReceiver.Access;

/// <summary>Readers who show a JWT of the configured issuer. What it claims becomes the same claims that an API key has.</summary>
internal sealed partial class JwtReaders(IOptions<JwtOptions> options, WrongKeys wrongKeys, ILogger<JwtReaders> logger) : JwtBearerEvents
{
    public const string SchemeName = "Jwt";

    /// <summary>Tells an issuer's subjects from API keys wherever readers are named.</summary>
    private const string NamePrefix = "jwt:";

    private const string InvalidToken = BearerToken.SchemeName + " error=\"invalid_token\"";

    private const string SubjectClaim = "sub";
    private const int MaxSubjectLength = 255;

    /// <summary>Signatures with public keys only: a symmetric algorithm would take the public key for a secret, and "none" is no signature.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static void Configure(JwtBearerOptions bearer, IOptions<JwtOptions> options)
    {
        var jwt = options.Value;
        bearer.EventsType = typeof(JwtReaders);
        bearer.MapInboundClaims = false;
        bearer.RequireHttpsMetadata = false; // JwtOptions has looked at that, at the start
        bearer.BackchannelTimeout = TimeSpan.FromSeconds(5);
        bearer.RefreshInterval = TimeSpan.FromSeconds(30); // how soon an unknown key may make the metadata be fetched again
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = jwt.Audience,
            ValidIssuer = jwt.ExpectedIssuer.Length > 0 ? jwt.ExpectedIssuer : null,
            ValidAlgorithms = Algorithms,
            ClockSkew = TimeSpan.FromMinutes(1),
            ValidateIssuerSigningKey = true,
        };
        if (jwt.SigningKeys.Count > 0)
        {
            bearer.Configuration = new OpenIdConnectConfiguration { Issuer = jwt.ExpectedIssuer };
            foreach (var key in jwt.SigningKeys)
                bearer.Configuration.SigningKeys.Add(PublicKey.ToSecurityKey(key));
            return;
        }

        bearer.Authority = jwt.Authority;
        if (jwt.MetadataAddress.Length > 0)
            bearer.MetadataAddress = jwt.MetadataAddress;
    }

    /// <summary>A key that the issuer has withdrawn is not to live on in a last good configuration.</summary>
    public static void ForgetWithdrawnKeys(JwtBearerOptions bearer)
    {
        if (bearer.ConfigurationManager is BaseConfigurationManager manager)
            manager.UseLastKnownGoodConfiguration = false;
    }

    /// <summary>Without the issuer's keys no token can be judged; asked here, since the validation itself takes that for a wrong token.</summary>
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (Exception failure) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            LogIssuerAway(logger, context.Options.MetadataAddress, failure);
            context.Fail(new IssuerAwayException(failure));
        }
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        if (context.SecurityToken is not JsonWebToken { EncodedHeader: var header } || !JwtHeader.IsOfReader(header))
        {
            context.Fail(new NotForReadersException());
            return Task.CompletedTask;
        }

        var token = context.Principal!;
        if (token.FindFirstValue(SubjectClaim) is not { Length: >= 1 and <= MaxSubjectLength } subject || subject.Any(char.IsControl))
        {
            context.Fail(new NotForReadersException());
            return Task.CompletedTask;
        }

        var scopes = token.FindAll(options.Value.ScopesClaim).SelectMany(claim => claim.Value.Split(' ')).Intersect(AccessScopes.All, StringComparer.Ordinal);
        var workspaces = token.FindAll(options.Value.WorkspacesClaim).Select(claim => claim.Value).Where(id => !id.Contains('\0', StringComparison.Ordinal));
        context.Principal = ReaderClaims.Reader(NamePrefix + subject, scopes, workspaces, SchemeName);
        return Task.CompletedTask;
    }

    /// <summary>Whatever else went wrong with a token is the token's fault, and no error of the service.</summary>
    public override Task AuthenticationFailed(AuthenticationFailedContext context)
    {
        context.Fail(context.Exception);
        return Task.CompletedTask;
    }

    /// <summary>
    /// What is wrong with a token is not told. Only a signature can be guessed: one that the issuer signed is no guess, though it has expired,
    /// as that of a dashboard which renews its token too late.
    /// </summary>
    public override Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        var answer = context.AuthenticateFailure switch
        {
            IssuerAwayException => Problem.IssuerAway(),
            var failure when IsSigned(failure) => WrongKeys.RefuseUncounted(context.HttpContext, InvalidToken),
            _ => wrongKeys.Refuse(context.HttpContext, InvalidToken),
        };
        return answer.ExecuteAsync(context.HttpContext);
    }

    /// <summary>Whether a token was refused for what it says, which is looked at after its signature.</summary>
    private static bool IsSigned(Exception? failure) => failure
        is NotForReadersException or SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException
        or SecurityTokenNoExpirationException or SecurityTokenInvalidAudienceException;

    public override Task Forbidden(ForbiddenContext context) => Problem.Forbidden().ExecuteAsync(context.HttpContext);

    /// <summary>A good token of the issuer, made for something else.</summary>
    private sealed class NotForReadersException : Exception;

    private sealed class IssuerAwayException(Exception inner) : Exception("The issuer's metadata cannot be had.", inner);

    [LoggerMessage(111, LogLevel.Warning, "No token can be checked: the metadata of the issuer at {Address} cannot be had")]
    private static partial void LogIssuerAway(ILogger logger, string address, Exception failure);
}
