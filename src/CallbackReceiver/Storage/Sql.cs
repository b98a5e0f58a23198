using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace CallbackReceiver.Storage;

/// <summary>A statement put together of parts. What stands in the holes of a part is always a parameter, never text.</summary>
internal sealed class Sql
{
    private readonly StringBuilder text = new();
    private readonly List<NpgsqlParameter> parameters = [];

    /// <summary>Appends a part and a line break.</summary>
    public Sql Append([InterpolatedStringHandlerArgument("")] Part part)
    {
        _ = part;
        text.Append('\n');
        return this;
    }

    /// <summary>Appends text of this program's own.</summary>
    public Sql AppendText(string own)
    {
        text.Append(own).Append('\n');
        return this;
    }

    public NpgsqlCommand On(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(text.ToString(), connection);
        command.Parameters.AddRange(parameters.ToArray());
        return command;
    }

    private int Add(NpgsqlParameter parameter)
    {
        parameters.Add(parameter);
        return parameters.Count;
    }

    /// <summary>What the compiler makes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Part
    {
        private readonly Sql sql;

        public Part(int literalLength, int formattedCount, Sql sql)
        {
            _ = literalLength;
            _ = formattedCount;
            this.sql = sql;
        }

        public void AppendLiteral(string literal) => sql.text.Append(literal);

        public void AppendFormatted(string value) => Append(new NpgsqlParameter<string> { TypedValue = value });

        public void AppendFormatted(int value) => Append(new NpgsqlParameter<int> { TypedValue = value });

        public void AppendFormatted(long value) => Append(new NpgsqlParameter<long> { TypedValue = value });

        public void AppendFormatted(DateTime value) => Append(new NpgsqlParameter<DateTime> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.TimestampTz });

        public void AppendFormatted(DateTime[] values) =>
            Append(new NpgsqlParameter<DateTime[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });

        public void AppendFormatted(string[] values) => Append(new NpgsqlParameter<string[]> { TypedValue = values });

        public void AppendFormatted(int[] values) => Append(new NpgsqlParameter<int[]> { TypedValue = values });

        private void Append(NpgsqlParameter parameter) => sql.text.Append('$').Append(sql.Add(parameter));
    }
}
