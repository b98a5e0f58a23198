using CallbackReceiver.Tests.Infrastructure;
using k8s;
using k8s.Models;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>What is in <c>deploy/kubernetes</c>, read as the Kubernetes API's own types.</summary>
internal static class Manifests
{
    public const string Folder = "deploy/kubernetes";
    public const string Kustomization = "kustomization.yaml";
    public const string Secrets = "secrets.example.yaml";

    /// <summary>The files that hold objects of the API.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. CheckedIn.Files(Folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(file => file != Kustomization).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All { get; } = [.. Files.SelectMany(file => Read(Text(file)))];

    public static V1StatefulSet StatefulSet => Only<V1StatefulSet>();

    public static V1PodSpec Pod => StatefulSet.Spec.Template.Spec;

    public static V1Container Container => Assert.Single(Pod.Containers);

    public static string Text(string file) => CheckedIn.Read($"{Folder}/{file}");

    public static T Only<T>() => Assert.Single(All.OfType<T>());

    public static T Named<T>(string name) where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(All.OfType<T>(), found => found.Metadata.Name == name);

    /// <summary>The objects of a file. Throws where it has a field that the API does not know, a value of another type, or lacks what must be there.</summary>
    public static IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Read(string yaml)
    {
        var objects = KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>().ToList();
        foreach (var found in objects)
            RequiredFields.Check(found);
        return objects;
    }
}
