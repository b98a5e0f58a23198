using System.Collections;
using System.Reflection;
using k8s.Models;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>
/// The fields that the Kubernetes API reference calls required. The client library's types do not say so: what is missing is null there, or 0.
/// </summary>
internal static class RequiredFields
{
    private static readonly Dictionary<Type, string[]> Fields = new()
    {
        [typeof(V1ConfigMapKeySelector)] = [nameof(V1ConfigMapKeySelector.Key)],
        [typeof(V1Container)] = [nameof(V1Container.Name), nameof(V1Container.Image)],
        [typeof(V1ContainerPort)] = [nameof(V1ContainerPort.ContainerPort)],
        [typeof(V1EnvVar)] = [nameof(V1EnvVar.Name)],
        [typeof(V1HTTPGetAction)] = [nameof(V1HTTPGetAction.Port)],
        [typeof(V1HTTPIngressPath)] = [nameof(V1HTTPIngressPath.Backend), nameof(V1HTTPIngressPath.PathType)],
        [typeof(V1HTTPIngressRuleValue)] = [nameof(V1HTTPIngressRuleValue.Paths)],
        [typeof(V1IngressServiceBackend)] = [nameof(V1IngressServiceBackend.Name)],
        [typeof(V1IPBlock)] = [nameof(V1IPBlock.Cidr)],
        [typeof(V1KeyToPath)] = [nameof(V1KeyToPath.Key), nameof(V1KeyToPath.Path)],
        [typeof(V1ObjectMeta)] = [nameof(V1ObjectMeta.Name)],
        [typeof(V1PersistentVolumeClaim)] = [nameof(V1PersistentVolumeClaim.Spec)],
        [typeof(V1PersistentVolumeClaimSpec)] = [nameof(V1PersistentVolumeClaimSpec.AccessModes), nameof(V1PersistentVolumeClaimSpec.Resources)],
        [typeof(V1PodSpec)] = [nameof(V1PodSpec.Containers)],
        [typeof(V1SeccompProfile)] = [nameof(V1SeccompProfile.Type)],
        [typeof(V1SecretKeySelector)] = [nameof(V1SecretKeySelector.Key)],
        [typeof(V1ServicePort)] = [nameof(V1ServicePort.Port)],
        [typeof(V1SleepAction)] = [nameof(V1SleepAction.Seconds)],
        [typeof(V1StatefulSetSpec)] = [nameof(V1StatefulSetSpec.Selector), nameof(V1StatefulSetSpec.Template)],
        [typeof(V1TopologySpreadConstraint)] =
            [nameof(V1TopologySpreadConstraint.MaxSkew), nameof(V1TopologySpreadConstraint.TopologyKey), nameof(V1TopologySpreadConstraint.WhenUnsatisfiable)],
        [typeof(V1Volume)] = [nameof(V1Volume.Name)],
        [typeof(V1VolumeMount)] = [nameof(V1VolumeMount.Name), nameof(V1VolumeMount.MountPath)],
        [typeof(V2CrossVersionObjectReference)] = [nameof(V2CrossVersionObjectReference.Kind), nameof(V2CrossVersionObjectReference.Name)],
        [typeof(V2HorizontalPodAutoscaler)] = [nameof(V2HorizontalPodAutoscaler.Spec)],
        [typeof(V2HorizontalPodAutoscalerSpec)] = [nameof(V2HorizontalPodAutoscalerSpec.ScaleTargetRef), nameof(V2HorizontalPodAutoscalerSpec.MaxReplicas)],
        [typeof(V2HPAScalingPolicy)] = [nameof(V2HPAScalingPolicy.Type), nameof(V2HPAScalingPolicy.Value), nameof(V2HPAScalingPolicy.PeriodSeconds)],
        [typeof(V2MetricSpec)] = [nameof(V2MetricSpec.Type)],
        [typeof(V2MetricTarget)] = [nameof(V2MetricTarget.Type)],
        [typeof(V2ResourceMetricSource)] = [nameof(V2ResourceMetricSource.Name), nameof(V2ResourceMetricSource.Target)],
    };

    /// <exception cref="InvalidOperationException">One of them is missing, in the object or in what it holds.</exception>
    public static void Check(object found) => Check(found, found.GetType().Name);

    private static void Check(object found, string path)
    {
        var properties = found.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0).ToList();
        foreach (var name in Fields.GetValueOrDefault(found.GetType(), []))
        {
            // The template of a pod has no name: the set gives it one.
            var value = properties.Single(property => property.Name == name).GetValue(found);
            if ((value is null or 0 or 0L) && !(found is V1ObjectMeta && path.EndsWith("Template.Metadata", StringComparison.Ordinal)))
                throw new InvalidOperationException($"{path}.{name} is missing.");
        }

        foreach (var (name, value) in properties.Where(property => property.CanRead).Select(property => (property.Name, property.GetValue(found))))
            CheckWithin(value, $"{path}.{name}");
    }

    private static void CheckWithin(object? value, string path)
    {
        switch (value)
        {
            case null or string or IDictionary:
                break;
            case IEnumerable items:
                foreach (var item in items.Cast<object?>())
                    CheckWithin(item, path);
                break;
            default:
                if (value.GetType().Namespace == typeof(V1Pod).Namespace)
                    Check(value, path);
                break;
        }
    }
}
