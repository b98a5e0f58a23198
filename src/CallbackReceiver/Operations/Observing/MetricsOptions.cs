using System.ComponentModel.DataAnnotations;
using System.Net;

namespace CallbackReceiver.Operations.Observing;

/// <summary>The section <c>Metrics</c>: where <c>/metrics</c> is answered, and to whom.</summary>
internal sealed class MetricsOptions : IValidatableObject
{
    public const string Section = "Metrics";
    public const string PortKey = $"{Section}:{nameof(Port)}";

    /// <summary>Stands for no network at all.</summary>
    private const string None = "none";

    /// <summary>This machine, and what cannot be routed on the internet.</summary>
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>A port of its own, on which nothing but <c>/metrics</c> and health is answered, to anyone; no other port answers it then.</summary>
    [Range(1, 65535, ErrorMessage = "Metrics:Port is a port from 1 to 65535.")]
    public int? Port { get; set; }

    /// <summary>The networks whose direct connections need no API key; <c>none</c> is no network. Empty: this machine and private networks.</summary>
    public IList<string> Networks { get; } = [];

    /// <summary>Whether a direct connection from the address needs no API key.</summary>
    public bool IsOpenTo(IPAddress? address)
    {
        if (address is null)
            return false;
        var client = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var networks = Networks.Count == 0 ? Private : Networks.Where(network => network != None).Select(IPNetwork.Parse);
        return networks.Any(network => network.Contains(client));
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Networks
        .Index()
        .Where(network => network.Item != None && !IPNetwork.TryParse(network.Item, out _))
        .Select(network => new ValidationResult($"{Section}:{nameof(Networks)}:{network.Index}: give a network such as 10.0.0.0/8, or {None}."));
}
