using System.Globalization;
using CallbackReceiver.Access;

namespace CallbackReceiver.Operations.Retention;

/// <summary>How long a workspace's data are kept; null is for ever.</summary>
/// <param name="RawBodies">The bytes of deliveries, from their receiving.</param>
/// <param name="Meetings">Meetings, from the receiving of their current analysis.</param>
/// <param name="Audit">Audit rows, but those of erasures, which keep the erased erased.</param>
internal sealed record RetentionPeriod(TimeSpan? RawBodies, TimeSpan? Meetings, TimeSpan? Audit);

/// <summary>
/// The sections <c>Retention</c> and, over it for one workspace, <c>Workspaces:{id}:Retention</c>. Nothing is removed by age unless they
/// say so, but for what failed verification (<c>Unverified:MaxAge</c>).
/// </summary>
internal sealed class RetentionPeriods
{
    public const string Section = "Retention";

    private const string Never = "never";

    private readonly RetentionPeriod general;
    private readonly Dictionary<string, RetentionPeriod> byWorkspace;

    private RetentionPeriods(TimeSpan interval, RetentionPeriod general, Dictionary<string, RetentionPeriod> byWorkspace)
    {
        Interval = interval;
        this.general = general;
        this.byWorkspace = byWorkspace;
    }

    /// <summary>How often is looked for what is too old. A change takes effect with the next start.</summary>
    public TimeSpan Interval { get; }

    public RetentionPeriod Of(string workspaceId) => byWorkspace.GetValueOrDefault(workspaceId, general);

    /// <exception cref="ConfigurationException">A value is not a time span above zero.</exception>
    public static RetentionPeriods Read(IConfiguration configuration)
    {
        var errors = ConfiguredWorkspaces.Errors(configuration).ToList(); // else the period of one spelling might erase what belongs to the other
        var section = configuration.GetSection(Section);
        var interval = ReadSpan(section, nameof(Interval), TimeSpan.FromMinutes(10), errors) ?? TimeSpan.FromMinutes(10);
        if (interval > TimeSpan.FromDays(1))
            errors.Add($"{section.Path}:{nameof(Interval)}: give at most a day, 1.00:00:00.");
        var general = ReadPeriod(section, new RetentionPeriod(null, null, null), errors);
        var byWorkspace = configuration.GetSection(ConfiguredWorkspaces.Section).GetChildren()
            .Where(workspace => workspace.GetSection(Section).Exists())
            .ToDictionary(workspace => workspace.Key, workspace => ReadPeriod(workspace.GetSection(Section), general, errors), StringComparer.Ordinal);
        return errors.Count == 0 ? new RetentionPeriods(interval, general, byWorkspace) : throw new ConfigurationException(errors);
    }

    private static RetentionPeriod ReadPeriod(IConfigurationSection section, RetentionPeriod otherwise, List<string> errors) => new(
        ReadSpan(section, nameof(RetentionPeriod.RawBodies), otherwise.RawBodies, errors),
        ReadSpan(section, nameof(RetentionPeriod.Meetings), otherwise.Meetings, errors),
        ReadSpan(section, nameof(RetentionPeriod.Audit), otherwise.Audit, errors));

    private static TimeSpan? ReadSpan(IConfigurationSection section, string name, TimeSpan? otherwise, List<string> errors)
    {
        if (section[name] is not { Length: > 0 } value)
            return otherwise;
        if (value.Equals(Never, StringComparison.OrdinalIgnoreCase))
            return null;
        if (TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero && span < TimeSpan.FromDays(36_500))
            return span;
        errors.Add($"{section.Path}:{name}: give a time span such as 90.00:00:00 (90 days), or '{Never}'.");
        return null;
    }
}
