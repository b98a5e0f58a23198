using System.CommandLine;
using System.CommandLine.Help;
using SeaMeet.Cli;
using SeaMeet.Cli.Callbacks;
using SeaMeet.Cli.Import;
using SeaMeet.Cli.Jobs;
using SeaMeet.Cli.Meetings;
using SeaMeet.Cli.Samples;

// No RootCommand: that one is named after the assembly, and help would name a command that nobody has.
var root = new Command("seameet", "Submits recordings to SeaMeet, and brings their analyses back from the callback receiver.")
{
    new HelpOption(),
    new VersionOption(),
    ImportCommand.Create(),
    JobsCommand.Create(),
    MeetingsCommand.Create(),
    CallbackCommand.Create(),
    SampleCommand.Create(),
};
return await CommandLine.InvokeAsync(root, args);
