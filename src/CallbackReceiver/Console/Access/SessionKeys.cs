using System.Xml.Linq;
using CallbackReceiver.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace CallbackReceiver.WebConsole.Access;

/// <summary>
/// Keeps the keys that sessions and forms are encrypted with in PostgreSQL, so that all replicas share them and they outlive a container. They are
/// made when they are first needed. Who can read this table can read the calls as well.
/// </summary>
/// <remarks>Data Protection has no asynchronous form of this; it reads the keys once a day, and holds them in memory.</remarks>
internal sealed class SessionKeys(ManageDatabase database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database.DataSource.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT xml FROM console_keys ORDER BY name";
        using var reader = command.ExecuteReader();
        var elements = new List<XElement>();
        while (reader.Read())
            elements.Add(XElement.Parse(reader.GetString(0)));
        return elements;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database.DataSource.OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO console_keys (name, xml) VALUES ($1, $2)";
        command.Parameters.AddWithValue(friendlyName);
        command.Parameters.AddWithValue(element.ToString(SaveOptions.DisableFormatting));
        command.ExecuteNonQuery();
    }
}
