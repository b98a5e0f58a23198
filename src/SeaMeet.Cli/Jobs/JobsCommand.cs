using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace SeaMeet.Cli.Jobs;

/// <summary><c>seameet jobs get</c>.</summary>
internal static class JobsCommand
{
    public static Command Create() => new("jobs", "Looks at the jobs that analyses are.") { CreateGet() };

    private static Command CreateGet()
    {
        var connection = new Connection();
        var id = new Argument<string>("JOB_ID");
        var json = new Option<bool>("--json") { Description = "Writes the job as JSON." };
        var command = new Command("get", "Shows where a job is. Exits 11 where it has failed, 12 where it has not ended.") { id, json };
        connection.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using var services = connection.Open(arguments);
            var job = await services.GetRequiredService<SeaMeetClient>().GetJobAsync(connection.WorkspaceId(arguments), arguments.GetRequiredValue(id), cancellationToken);
            Show(job, arguments.GetValue(json));
            return job.Status == JobStatus.Finished ? ExitCode.Success : job.Status == JobStatus.Failed ? ExitCode.JobFailed : ExitCode.JobUnfinished;
        });
        return command;
    }

    private static void Show(Job job, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(job, WireJson.Default.Job));
            return;
        }

        Output.Table(Output.People, ("Job", job.Id), ("Status", job.Status.Value), ("Error", job.ErrorMessage), ("Meeting", job.Relations?.MeetingId), ("Parameters", job.Parameters?.GetRawText()));
    }
}
