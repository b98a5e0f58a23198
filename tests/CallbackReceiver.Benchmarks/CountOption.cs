using System.CommandLine;

namespace CallbackReceiver.Benchmarks;

/// <summary>An option that is a number of something.</summary>
internal static class CountOption
{
    public static Option<int> Create(string name, string description, int otherwise, int atLeast)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) < atLeast)
                result.AddError($"{name}: give at least {atLeast}.");
        });
        return option;
    }
}
