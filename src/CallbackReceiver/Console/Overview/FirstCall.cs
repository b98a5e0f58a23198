namespace CallbackReceiver.WebConsole.Overview;

/// <summary>What an overview says where nothing was received yet: how a first call is made to come.</summary>
internal static class FirstCall
{
    private const string Demo = "dotnet run demo.cs";

    private const string Send = """
        dotnet run --project src/SeaMeet.Cli -- sample call.wav
        dotnet run --project src/SeaMeet.Cli -- import call.wav
        """;

    public static Html Explain(PageContext page) => $"""
        <section class="card narrow"><h1>{page[Words.NoCallsYet]}</h1>
        <p>{page[Words.FirstCallReal]}</p><pre>POST /callbacks/{page.Workspace}</pre>
        <p>{page[Words.FirstCallDemo]}</p><pre>{Demo}</pre>
        <p>{page[Words.FirstCallSend]}</p><pre>{Send}</pre>
        <p><a class="button" href="{page.WorkspacePath}">{page[Words.LookAgain]}</a></p></section>
        """;
}
