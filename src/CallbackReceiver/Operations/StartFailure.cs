using CallbackReceiver.Storage;
using CallbackReceiver.Storage.Embedded;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace CallbackReceiver.Operations;

/// <summary>Tells the failures to start that a person mends, and whose message says how, from those that want a stack trace.</summary>
internal static class StartFailure
{
    public static bool Explains(Exception exception) =>
        exception is ConfigurationException or UnfitDatabaseException or EmbeddedPostgresException or OptionsValidationException or IOException { InnerException: AddressInUseException };
}
