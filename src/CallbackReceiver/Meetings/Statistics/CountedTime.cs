namespace CallbackReceiver.Meetings.Statistics;

/// <summary>The time that is counted: the last 30 days unless something else is asked for.</summary>
internal static class CountedTime
{
    private static readonly TimeSpan Default = TimeSpan.FromDays(30);

    // Nothing was received outside of these; a calendar has no end of years beyond them.
    private static readonly DateTime Earliest = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Latest = new(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static TimeRange Of(DateTime? from, DateTime? to, DateTime now)
    {
        var end = Clamp(to ?? (from > now ? from.Value : now));
        return new TimeRange(Clamp(from ?? end - Default), end);
    }

    private static DateTime Clamp(DateTime time) => time < Earliest ? Earliest : time > Latest ? Latest : time;
}
