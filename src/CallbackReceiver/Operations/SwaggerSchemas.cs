using CallbackReceiver.Meetings;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CallbackReceiver.Operations;

/// <summary>Says of the types what C# does not: that answers may gain members, and what is in the parts that go out as the JSON they came as.</summary>
internal sealed class SwaggerSchemas : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema described)
            return;
        described.AdditionalPropertiesAllowed = true;
        if (context.Type != typeof(MeetingView) || described.Properties is not { } members)
            return;
        foreach (var name in new[] { "items", "metadata" })
            Describe(members[name], JsonSchemaType.Object);
        Describe(members["transcript"], JsonSchemaType.Array).Items = context.SchemaGenerator.GenerateSchema(typeof(SegmentView), context.SchemaRepository);
    }

    private static OpenApiSchema Describe(IOpenApiSchema member, JsonSchemaType type)
    {
        var described = (OpenApiSchema)member;
        described.Type = type;
        return described;
    }
}
