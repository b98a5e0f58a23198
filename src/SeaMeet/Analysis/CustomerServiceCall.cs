namespace SeaMeet;

/// <summary>What SeaMeet wants to know of a call between a customer and an agent: <c>scenario_parameters</c>.</summary>
public sealed record CustomerServiceCall
{
    /// <summary>The customer's number, as <c>0933123456</c>.</summary>
    public required string CustomerNumber { get; init; }

    /// <summary>Whether the call went to voicemail without being picked up.</summary>
    public bool? WentToVoicemail { get; init; }

    /// <summary>Whether the recording holds announcements or other recordings.</summary>
    public bool? ContainsRecordings { get; init; }

    /// <summary>Whether the customer spoke to a person; for inbound calls only, where it goes before <see cref="WentToVoicemail"/>.</summary>
    public bool? SpokeToAgent { get; init; }

    /// <summary>The customer's name.</summary>
    public string? CustomerName { get; init; }

    /// <summary>The agent's name.</summary>
    public string? AgentName { get; init; }

    /// <summary>Whether SeaMeet finds out which speaker the agent is. Only the vendor's script knows it.</summary>
    public bool? EnableAgentRecognition { get; init; }

    /// <summary>Who called whom. Only the vendor's script knows it.</summary>
    public CallDirection? Direction { get; init; }
}
