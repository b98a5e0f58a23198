using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.WebConsole;

/// <summary>The section <c>Console</c>.</summary>
internal sealed class ConsoleOptions
{
    public const string Section = "Console";

    public const string PortKey = $"{Section}:{nameof(Port)}";

    /// <summary>Whether there is a console. Not set: in Development only.</summary>
    public bool? Enabled { get; set; }

    /// <summary>A port of its own, on which nothing but the console and health is answered; no other port answers the console then.</summary>
    [Range(1, 65535, ErrorMessage = "Console:Port is a port from 1 to 65535.")]
    public int? Port { get; set; }

    /// <remarks>A value that is neither true nor false stops the start when the options are bound.</remarks>
    public static bool AreEnabledBy(IConfiguration configuration, IHostEnvironment environment) =>
        configuration[$"{Section}:{nameof(Enabled)}"] is { Length: > 0 } value ? bool.TryParse(value, out var isEnabled) && isEnabled : environment.IsDevelopment();
}
