using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace SeaMeet.Cli.Meetings;

/// <summary><c>seameet meetings create</c> and <c>seameet meetings delete</c>.</summary>
internal static class MeetingsCommand
{
    public static Command Create() => new("meetings", "Creates and deletes meetings.") { CreateCreate(), CreateDelete() };

    private static Command CreateCreate()
    {
        var connection = new Connection();
        var meeting = new MeetingSettings();
        var name = new Argument<string>("NAME");
        var json = new Option<bool>("--json") { Description = "Writes SeaMeet's answer as JSON." };
        var command = new Command("create", "Creates a meeting, without a recording, and writes its id.") { name, json };
        connection.AddTo(command);
        meeting.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using var services = connection.Open(arguments);
            var created = await services.GetRequiredService<SeaMeetClient>()
                .CreateMeetingAsync(connection.WorkspaceId(arguments), meeting.Read(arguments, arguments.GetRequiredValue(name)), cancellationToken);
            Console.WriteLine(arguments.GetValue(json) ? JsonSerializer.Serialize(created, WireJson.Default.Meeting) : created.Id);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateDelete()
    {
        var connection = new Connection();
        var id = new Argument<string>("MEETING_ID");
        var command = new Command("delete", "Deletes a meeting.") { id };
        connection.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using var services = connection.Open(arguments);
            await services.GetRequiredService<SeaMeetClient>().DeleteMeetingAsync(connection.WorkspaceId(arguments), arguments.GetRequiredValue(id), cancellationToken);
            return ExitCode.Success;
        });
        return command;
    }
}
