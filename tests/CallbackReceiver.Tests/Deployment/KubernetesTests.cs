using System.Text.RegularExpressions;
using CallbackReceiver.Tests.Infrastructure;
using k8s.Models;
using YamlDotNet.Core;

namespace CallbackReceiver.Tests.Deployment;

/// <summary>The manifests of <c>deploy/kubernetes</c> fit the API's types, each other, and the service.</summary>
public sealed class KubernetesTests
{
    private static readonly string[] ConfiguredByTheRuntime = ["DOTNET_USE_POLLING_FILE_WATCHER"];

    public static TheoryData<string> Files => [.. Manifests.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Manifest_fits_the_types_of_the_Kubernetes_API(string file) => Assert.NotEmpty(Manifests.Read(Manifests.Text(file)));

    [Theory]
    [InlineData("statefulset.yaml", "podManagementPolicy: Parallel", "podManagmentPolicy: Parallel")]
    [InlineData("statefulset.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    [InlineData("service.yaml", "targetPort: http", "targetport: http")]
    public void Field_that_the_API_does_not_know_is_refused(string file, string right, string wrong) =>
        Assert.Contains($"'{wrong.Split(':')[0]}'", Refusal<YamlException>(file, right, wrong).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("statefulset.yaml", "periodSeconds: 5", "periodSeconds: often")]
    [InlineData("statefulset.yaml", "runAsNonRoot: true", "runAsNonRoot: 1654")]
    [InlineData("horizontalpodautoscaler.yaml", "minReplicas: 2", "minReplicas: [2]")]
    [InlineData("ingress.yaml", "ingressClassName: nginx", "ingressClassName: {name: nginx}")]
    [InlineData("networkpolicy.yaml", "policyTypes:\n    - Ingress\n    - Egress", "policyTypes: Ingress")]
    public void Value_of_another_type_is_refused(string file, string right, string wrong) => Refusal<YamlException>(file, right, wrong);

    [Theory]
    [InlineData("statefulset.yaml", "  selector:\n    matchLabels:\n      app.kubernetes.io/name: callback-receiver\n  template", "  template")]
    [InlineData("statefulset.yaml", "        - name: callback-receiver\n          image", "        - image")]
    [InlineData("service.yaml", "      port: 80\n", "")]
    [InlineData("ingress.yaml", "            pathType: Prefix\n", "")]
    [InlineData("horizontalpodautoscaler.yaml", "  maxReplicas: 6\n", "")]
    [InlineData("statefulset.yaml", "              path: /healthz/ready\n              port: http\n", "              path: /healthz/ready\n")]
    public void Manifest_without_a_field_that_must_be_there_is_refused(string file, string right, string wrong) =>
        Assert.EndsWith("is missing.", Refusal<InvalidOperationException>(file, right, wrong).Message, StringComparison.Ordinal);

    [Fact]
    public void Kustomization_names_every_file_but_the_example_of_the_secrets()
    {
        var named = Regex.Matches(Manifests.Text(Manifests.Kustomization), @"^  - ([a-z]+\.yaml)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

        Assert.Equal(Manifests.Files.Where(file => file != Manifests.Secrets).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.Contains($"- name: {Manifests.Container.Image}\n", Manifests.Text(Manifests.Kustomization), StringComparison.Ordinal);
        Assert.Contains($"namespace: {Manifests.Only<V1Namespace>().Metadata.Name}\n", Manifests.Text(Manifests.Kustomization), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_selects_replicas_selects_the_replicas()
    {
        var labels = Manifests.StatefulSet.Spec.Template.Metadata.Labels;
        IEnumerable<IDictionary<string, string>> selectors =
        [
            Manifests.StatefulSet.Spec.Selector.MatchLabels,
            Manifests.Only<V1NetworkPolicy>().Spec.PodSelector.MatchLabels,
            Manifests.Only<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
            .. Manifests.All.OfType<V1Service>().Select(service => service.Spec.Selector),
            .. Manifests.Pod.TopologySpreadConstraints.Select(constraint => constraint.LabelSelector.MatchLabels),
        ];

        Assert.All(selectors, selector =>
        {
            Assert.NotEmpty(selector);
            Assert.All(selector, label => Assert.Equal(label.Value, labels[label.Key]));
        });
    }

    [Fact]
    public void Every_name_leads_to_something()
    {
        Assert.Equal("None", Manifests.Named<V1Service>(Manifests.StatefulSet.Spec.ServiceName).Spec.ClusterIP);
        Assert.Equal(Manifests.Only<V1ServiceAccount>().Metadata.Name, Manifests.Pod.ServiceAccountName);
        var scaled = Manifests.Only<V2HorizontalPodAutoscaler>().Spec.ScaleTargetRef;
        Assert.Equal((Manifests.StatefulSet.ApiVersion, Manifests.StatefulSet.Kind, Manifests.StatefulSet.Metadata.Name), (scaled.ApiVersion, scaled.Kind, scaled.Name));

        Assert.All(Manifests.Container.EnvFrom, source => Manifests.Named<V1ConfigMap>(source.ConfigMapRef.Name));
        Assert.All(Projections(), source => Assert.NotEmpty(FilesOf(source)));
        var secrets = Manifests.All.OfType<V1Secret>().ToList();
        Assert.All(secrets, secret => Assert.Equal(Manifests.Only<V1Namespace>().Metadata.Name, secret.Metadata.NamespaceProperty));
        Assert.Equal(secrets.Select(secret => secret.Metadata.Name).Order(), Projections().Select(source => source.Secret?.Name).OfType<string>().Order());

        var volumes = Manifests.Pod.Volumes.Select(volume => volume.Name).Concat(Manifests.StatefulSet.Spec.VolumeClaimTemplates.Select(claim => claim.Metadata.Name));
        Assert.Equal(volumes.Order(), Manifests.Container.VolumeMounts.Select(mount => mount.Name).Order());
    }

    [Fact]
    public void Every_port_leads_to_the_services()
    {
        var port = Assert.Single(Manifests.Container.Ports);
        Assert.Equal(8080, port.ContainerPort); // the image's ASPNETCORE_HTTP_PORTS

        var services = Manifests.All.OfType<V1Service>().ToList();
        Assert.All(services.SelectMany(service => service.Spec.Ports), open => Assert.Equal(port.Name, open.TargetPort.Value));
        Assert.All(Manifests.Only<V1NetworkPolicy>().Spec.Ingress.SelectMany(rule => rule.Ports), open => Assert.Equal(port.Name, open.Port.Value));
        Assert.All(Probes(), probe => Assert.Equal(port.Name, probe.HttpGet.Port.Value));
        foreach (var backend in Paths().Select(path => path.Backend.Service))
            Assert.Contains(Manifests.Named<V1Service>(backend.Name).Spec.Ports, open => open.Name == backend.Port.Name);
    }

    [Fact]
    public void World_reaches_callbacks_only_and_the_query_API_has_another_host_and_class()
    {
        var ingresses = Manifests.All.OfType<V1Ingress>().ToDictionary(ingress => ingress.Metadata.Name);
        var (callbacks, readers) = (ingresses["callback-receiver-callbacks"].Spec, ingresses["callback-receiver-readers"].Spec);

        Assert.Equal(2, ingresses.Count);
        Assert.Equal("/callbacks", Assert.Single(Assert.Single(callbacks.Rules).Http.Paths).Path);
        Assert.Equal("/api/v1", Assert.Single(Assert.Single(readers.Rules).Http.Paths).Path);
        Assert.NotEqual(callbacks.IngressClassName, readers.IngressClassName);
        Assert.NotEqual(callbacks.Rules[0].Host, readers.Rules[0].Host);
        Assert.All([callbacks, readers], ingress => Assert.Contains(ingress.Rules[0].Host, Assert.Single(ingress.Tls).Hosts));
        Assert.DoesNotContain(ingresses.Values, ingress => ingress.Spec.DefaultBackend is not null);
    }

    [Fact]
    public void Policy_lets_nothing_in_or_out_that_it_does_not_name()
    {
        var policy = Manifests.Only<V1NetworkPolicy>().Spec;

        Assert.Equal(["Ingress", "Egress"], policy.PolicyTypes);
        Assert.All(policy.Ingress, rule => Assert.All(rule.FromProperty, from => Assert.NotEmpty(from.NamespaceSelector.MatchLabels)));
        Assert.All(policy.Egress, rule =>
        {
            Assert.NotEmpty(rule.To);
            Assert.NotEmpty(rule.Ports);
        });
        Assert.Equal(["53", "53", "5432"], policy.Egress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value));
    }

    [Fact]
    public void Replicas_are_confined()
    {
        var (pod, container) = (Manifests.Pod.SecurityContext, Manifests.Container.SecurityContext);

        Assert.True(pod.RunAsNonRoot);
        Assert.Equal((1654, 1654, 1654), (pod.RunAsUser, pod.RunAsGroup, pod.FsGroup)); // the image's user
        Assert.Equal("RuntimeDefault", pod.SeccompProfile.Type);
        Assert.True(container.RunAsNonRoot);
        Assert.True(container.ReadOnlyRootFilesystem);
        Assert.False(container.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.Capabilities.Drop);
        Assert.Null(container.Capabilities.Add);
        Assert.False(Manifests.Pod.AutomountServiceAccountToken);
        Assert.False(Manifests.Only<V1ServiceAccount>().AutomountServiceAccountToken);
        Assert.Equal("restricted", Manifests.Only<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.Equal(288, Assert.Single(Manifests.Pod.Volumes, volume => volume.Projected is not null).Projected.DefaultMode); // 0440
        Assert.NotNull(Manifests.Container.Resources.Limits["memory"]);
    }

    /// <summary>Ten seconds are the service's own, the two that bodies have among them.</summary>
    [Fact]
    public void Replica_that_goes_has_its_time()
    {
        var sleep = Manifests.Container.Lifecycle.PreStop.Sleep.Seconds;

        Assert.True(sleep >= 5, "balancers hear late that a replica goes");
        Assert.True(Manifests.Pod.TerminationGracePeriodSeconds >= sleep + 10 + 10);
        Assert.Equal("1", Manifests.Only<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        Assert.True(Manifests.Only<V2HorizontalPodAutoscaler>().Spec.MinReplicas >= 2);
        Assert.Null(Manifests.StatefulSet.Spec.Replicas); // the autoscaler's
        Assert.Equal("Disabled", Manifests.Only<V2HorizontalPodAutoscaler>().Spec.Behavior.ScaleDown.SelectPolicy);
        Assert.Equal("Retain", Manifests.StatefulSet.Spec.PersistentVolumeClaimRetentionPolicy.WhenScaled);
    }

    /// <summary>What PostgreSQL cannot take is spooled, where it comes in at all.</summary>
    [Fact]
    public void Replica_receives_while_PostgreSQL_is_away()
    {
        Assert.Equal("/healthz/ready", Manifests.Container.StartupProbe.HttpGet.Path);
        Assert.Equal("/healthz/live", Manifests.Container.ReadinessProbe.HttpGet.Path);
        Assert.Equal("/healthz/live", Manifests.Container.LivenessProbe.HttpGet.Path);
    }

    [Fact]
    public void Spool_has_a_volume_with_room_for_it()
    {
        var settings = Manifests.Named<V1ConfigMap>("callback-receiver").Data;
        var spool = Assert.Single(Manifests.StatefulSet.Spec.VolumeClaimTemplates);

        Assert.Equal(settings["Spool__Directory"], Assert.Single(Manifests.Container.VolumeMounts, mount => mount.Name == spool.Metadata.Name).MountPath);
        Assert.True(spool.Spec.Resources.Requests["storage"].ToDecimal() >= 1.5m * decimal.Parse(settings["Spool__MaxBytes"], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Every_setting_is_one_that_the_service_knows()
    {
        var documented = ConfigurationTable.Read();
        var settings = Settings().Keys.Concat(Mounted().Keys).Except(ConfiguredByTheRuntime).ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.True(documented.Knows(setting), $"{setting} is no key of README's table"));
        Assert.False(documented.Knows("Spool__Directoy"));
    }

    [Fact]
    public void Every_setting_of_the_compose_file_is_one_that_the_service_knows()
    {
        var documented = ConfigurationTable.Read();
        var settings = Regex.Matches(CheckedIn.Read("docker-compose.yml"), @"^ +([A-Za-z]+__\w+):", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value).Where(setting => !setting.StartsWith("Simulator__", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.True(documented.Knows(setting), $"{setting} is no key of README's table"));
    }

    internal static IDictionary<string, string> Settings() => Manifests.Named<V1ConfigMap>(Assert.Single(Manifests.Container.EnvFrom).ConfigMapRef.Name).Data;

    /// <summary>The files of /run/secrets, each of them of one source.</summary>
    internal static Dictionary<string, string> Mounted() => Projections().SelectMany(FilesOf).ToDictionary();

    private static IList<V1VolumeProjection> Projections()
    {
        var mount = Assert.Single(Manifests.Container.VolumeMounts, mount => mount.MountPath == "/run/secrets");
        Assert.True(mount.ReadOnlyProperty);
        return Assert.Single(Manifests.Pod.Volumes, volume => volume.Name == mount.Name).Projected.Sources;
    }

    private static IDictionary<string, string> FilesOf(V1VolumeProjection source) =>
        source.Secret is { } secret ? Manifests.Named<V1Secret>(secret.Name).StringData : Manifests.Named<V1ConfigMap>(source.ConfigMap.Name).Data;

    private static IEnumerable<V1Probe> Probes() => [Manifests.Container.StartupProbe, Manifests.Container.ReadinessProbe, Manifests.Container.LivenessProbe];

    private static IEnumerable<V1HTTPIngressPath> Paths() =>
        Manifests.All.OfType<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths);

    private static T Refusal<T>(string file, string right, string wrong) where T : Exception
    {
        var text = Manifests.Text(file);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var at = text.IndexOf(right, StringComparison.Ordinal);

        return Assert.ThrowsAny<T>(() => Manifests.Read(string.Concat(text.AsSpan(0, at), wrong, text.AsSpan(at + right.Length))));
    }
}
