using System.ComponentModel.DataAnnotations;

namespace CallbackReceiver.Answers;

/// <summary>The section <c>Answers</c>.</summary>
internal sealed class AnswerMemoryOptions
{
    public const string Section = "Answers";

    /// <summary>Memory for the answers to queries that are being made at one moment, in bytes; further ones wait. One reader gets half of it at most.</summary>
    [Range(16 * 1024 * 1024, int.MaxValue, ErrorMessage = $"{Section}:MemoryBytes is a number of bytes from 16777216 to 2147483647.")]
    public int MemoryBytes { get; set; } = 128 * 1024 * 1024;
}
