using System.ComponentModel;

namespace CallbackReceiver.Storage.Embedded;

/// <summary>Makes the data folder (initdb).</summary>
internal sealed class DatabaseFiles(PostgresInstallation installation, StateDirectory state, ServerAccount account, ILogger logger)
{
    /// <summary>Makes the data folder, whole or not at all: initdb works beside it, and its result is renamed.</summary>
    /// <exception cref="EmbeddedPostgresException">initdb failed; the message holds what it said.</exception>
    public async Task CreateAsync(string password, CancellationToken cancellationToken)
    {
        if (AdoptOrRemoveUnfinished())
            return;
        logger.Initialising(installation.Major, state.Data);
        // Not the password file itself: where PostgreSQL runs as another user, that user must read this one and never that one.
        var passwordFile = state.In("initdb-password");
        try
        {
            StateDirectory.WriteSecret(passwordFile, password);
            await account.GiveAsync(passwordFile, cancellationToken);
            var folder = Directory.CreateDirectory(state.NewUnfinishedData).FullName;
            await account.GiveAsync(folder, cancellationToken);
            await RunInitDbAsync(folder, passwordFile, cancellationToken);
            Directory.Move(folder, state.Data);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private async Task RunInitDbAsync(string folder, string passwordFile, CancellationToken cancellationToken)
    {
        var initDb = new ChildCommand(
            installation.InitDb,
            $"--pgdata={folder}",
            $"--username={ServerAddress.UserName}",
            $"--pwfile={passwordFile}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions")
        {
            UserName = account.UserName,
            WorkingDirectory = state.Path,
            TimeLimit = TimeSpan.FromMinutes(5),
        };
        ChildResult result;
        try
        {
            result = await initDb.RunAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or Win32Exception)
        {
            throw new EmbeddedPostgresException($"PostgreSQL's initdb could not make {state.Data}: {exception.Message}", exception);
        }

        if (result.ExitCode != 0)
            throw new EmbeddedPostgresException($"PostgreSQL's initdb could not make {state.Data}:{Environment.NewLine}{result.Output}");
    }

    /// <summary>
    /// A start that was killed midway leaves initdb's folder, to be made anew. One that has served (only a server writes
    /// <c>postmaster.opts</c>) is the data itself: a power cut undid the renaming.
    /// </summary>
    private bool AdoptOrRemoveUnfinished()
    {
        var unfinished = state.UnfinishedData;
        if (unfinished.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postmaster.opts"))) is { } served)
        {
            Directory.Move(served, state.Data);
            return true;
        }

        foreach (var folder in unfinished)
            Remove(folder);
        return false;
    }

    /// <summary>An initdb that outlived its service may still write there: what cannot be removed yet is in nobody's way, and is the next start's.</summary>
    private void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.CannotRemove(folder, exception.Message);
        }
    }
}
