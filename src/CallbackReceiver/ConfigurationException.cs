using CallbackReceiver.Operations.Logging;

namespace CallbackReceiver;

/// <summary>A configuration value that cannot be used. The message names the key and the fix, never the value.</summary>
/// <param name="errors">One sentence per wrong key, of which each becomes one line.</param>
internal sealed class ConfigurationException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors.Select(PrintableText.Of)));
