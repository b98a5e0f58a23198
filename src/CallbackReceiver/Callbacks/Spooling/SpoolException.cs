using Microsoft.Data.Sqlite;

namespace CallbackReceiver.Callbacks.Spooling;

/// <summary>The spool's file cannot be used. The message says why, and names the path and the user.</summary>
internal sealed class SpoolException(string message, Exception cause) : Exception(message, cause)
{
    // The numbers of SQLite's result codes: https://www.sqlite.org/rescode.html
    public const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int InputOutput = 10;
    private const int Full = 13;

    /// <summary>Whether a failure is the file's or the disk's: permissions, room, input and output, SQLite's own errors.</summary>
    public static bool IsOfTheFile(Exception failure) => failure is SqliteException or IOException or UnauthorizedAccessException;

    /// <summary>Whether the disk has no room for what is written, which some file systems say only as they synchronise.</summary>
    public static bool IsWantOfRoom(SqliteException failure) => failure.SqliteErrorCode is Full or InputOutput;

    /// <summary>Whether the file's content is damaged, so that trying again does not help.</summary>
    public static bool IsDamage(Exception? failure) => failure is SqliteException { SqliteErrorCode: Corrupt or NotADatabase } || (failure is SpoolException && IsDamage(failure.InnerException));
}
