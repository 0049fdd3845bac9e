/**
 * The numbers of the fields, for bodies in protobuf: the names of each type in the order of their numbers, from
 * 1. A dash is a number not in use. A star marks what Go has a pointer to: there, nought is something said.
 *
 * Only what clients send in protobuf is here: what kubectl since 1.32 creates from its own arguments.
 *
 * In Kubernetes: generated.proto beside each types.go
 */
import { POD_FIELDS } from "./protobuf-pod-fields.ts";

export const PROTOBUF_FIELDS: Readonly<Record<string, string>> = {
  ...POD_FIELDS,
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":
    "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds* labels annotations ownerReferences finalizers - - managedFields",
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference":
    "kind - name uid apiVersion controller* blockOwnerDeletion*",
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry":
    "manager operation apiVersion time - fieldsType fieldsV1 subresource",
  "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions":
    "gracePeriodSeconds* preconditions orphanDependents* propagationPolicy dryRun",
  "io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions": "uid resourceVersion",
  "io.k8s.api.core.v1.ConfigMap": "metadata data binaryData immutable*",
  "io.k8s.api.core.v1.Secret": "metadata data type stringData immutable*",
  "io.k8s.api.core.v1.Namespace": "metadata spec status",
  "io.k8s.api.core.v1.NamespaceSpec": "finalizers",
  "io.k8s.api.core.v1.NamespaceStatus": "phase conditions",
  "io.k8s.api.core.v1.ServiceAccount":
    "metadata secrets imagePullSecrets automountServiceAccountToken*",
  "io.k8s.api.core.v1.ObjectReference":
    "kind namespace name uid apiVersion resourceVersion fieldPath",
  "io.k8s.api.authentication.v1.SelfSubjectReview": "metadata status",
  "io.k8s.api.authentication.v1.TokenRequest": "metadata spec status",
  "io.k8s.api.authentication.v1.TokenRequestSpec": "audiences - boundObjectRef expirationSeconds*",
  "io.k8s.api.authentication.v1.BoundObjectReference": "kind apiVersion name uid",
  "io.k8s.api.certificates.v1.CertificateSigningRequest": "metadata spec status",
  "io.k8s.api.certificates.v1.CertificateSigningRequestSpec":
    "request username uid groups usages extra signerName expirationSeconds*",
  "io.k8s.api.certificates.v1.CertificateSigningRequestStatus": "conditions certificate",
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition":
    "type reason message lastUpdateTime lastTransitionTime status",
  "io.k8s.api.core.v1.Binding": "metadata target",
  "io.k8s.api.core.v1.ResourceQuota": "metadata spec status",
  "io.k8s.api.core.v1.ResourceQuotaSpec": "hard scopes scopeSelector",
  "io.k8s.api.core.v1.ResourceQuotaStatus": "hard used",
  "io.k8s.api.core.v1.ScopeSelector": "matchExpressions",
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement": "scopeName operator values",
  "io.k8s.api.core.v1.Service": "metadata spec status",
  "io.k8s.api.core.v1.ServiceSpec":
    "ports selector clusterIP type externalIPs - sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig - - ipFamilyPolicy clusterIPs ipFamilies allocateLoadBalancerNodePorts* loadBalancerClass internalTrafficPolicy",
  "io.k8s.api.core.v1.ServicePort": "name protocol port targetPort nodePort appProtocol",
  "io.k8s.api.core.v1.SessionAffinityConfig": "clientIP",
  "io.k8s.api.core.v1.ClientIPConfig": "timeoutSeconds*",
  "io.k8s.api.core.v1.ServiceStatus": "loadBalancer conditions",
  "io.k8s.api.core.v1.LoadBalancerStatus": "ingress",
  "io.k8s.api.scheduling.v1.PriorityClass":
    "metadata value globalDefault description preemptionPolicy*",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": "matchLabels matchExpressions",
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": "key operator values",
  "io.k8s.api.apps.v1.Deployment": "metadata spec status",
  "io.k8s.api.apps.v1.DeploymentSpec":
    "replicas* selector template strategy minReadySeconds revisionHistoryLimit* paused - progressDeadlineSeconds*",
  "io.k8s.api.apps.v1.DeploymentStrategy": "type rollingUpdate",
  "io.k8s.api.apps.v1.RollingUpdateDeployment": "maxUnavailable maxSurge",
  "io.k8s.api.apps.v1.DeploymentStatus":
    "observedGeneration replicas updatedReplicas availableReplicas unavailableReplicas conditions readyReplicas collisionCount*",
  "io.k8s.api.batch.v1.Job": "metadata spec status",
  "io.k8s.api.batch.v1.JobSpec":
    "parallelism* completions* activeDeadlineSeconds* selector manualSelector* template backoffLimit* ttlSecondsAfterFinished* completionMode* suspend* podFailurePolicy backoffLimitPerIndex* maxFailedIndexes* podReplacementPolicy* managedBy* successPolicy",
  "io.k8s.api.batch.v1.JobStatus":
    "conditions startTime completionTime active succeeded failed completedIndexes uncountedTerminatedPods ready* failedIndexes* terminating*",
  "io.k8s.api.batch.v1.CronJob": "metadata spec status",
  "io.k8s.api.batch.v1.CronJobSpec":
    "schedule startingDeadlineSeconds* concurrencyPolicy suspend* jobTemplate successfulJobsHistoryLimit* failedJobsHistoryLimit* timeZone*",
  "io.k8s.api.batch.v1.CronJobStatus": "active - - lastScheduleTime lastSuccessfulTime",
  "io.k8s.api.batch.v1.JobTemplateSpec": "metadata spec",
  "io.k8s.api.policy.v1.PodDisruptionBudget": "metadata spec status",
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec":
    "minAvailable* selector maxUnavailable* unhealthyPodEvictionPolicy*",
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus":
    "observedGeneration disruptedPods disruptionsAllowed currentHealthy desiredHealthy expectedPods conditions",
  "io.k8s.api.policy.v1.Eviction": "metadata deleteOptions",
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler": "metadata spec status",
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec":
    "scaleTargetRef minReplicas* maxReplicas targetCPUUtilizationPercentage*",
  "io.k8s.api.autoscaling.v1.CrossVersionObjectReference": "kind name apiVersion",
  "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus":
    "observedGeneration* lastScaleTime currentReplicas desiredReplicas currentCPUUtilizationPercentage*",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": "metadata spec status",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec":
    "scaleTargetRef minReplicas* maxReplicas metrics behavior",
  "io.k8s.api.autoscaling.v2.CrossVersionObjectReference": "kind name apiVersion",
  "io.k8s.api.autoscaling.v2.MetricSpec": "type object pods resource external - containerResource",
  "io.k8s.api.autoscaling.v2.ResourceMetricSource": "name target",
  "io.k8s.api.autoscaling.v2.MetricTarget": "type value averageValue averageUtilization*",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus":
    "observedGeneration* lastScaleTime currentReplicas desiredReplicas currentMetrics conditions",
  "io.k8s.api.rbac.v1.Role": "metadata rules",
  "io.k8s.api.rbac.v1.ClusterRole": "metadata rules aggregationRule",
  "io.k8s.api.rbac.v1.AggregationRule": "clusterRoleSelectors",
  "io.k8s.api.rbac.v1.PolicyRule": "verbs apiGroups resources resourceNames nonResourceURLs",
  "io.k8s.api.rbac.v1.RoleBinding": "metadata subjects roleRef",
  "io.k8s.api.rbac.v1.ClusterRoleBinding": "metadata subjects roleRef",
  "io.k8s.api.rbac.v1.Subject": "kind apiGroup name namespace",
  "io.k8s.api.rbac.v1.RoleRef": "apiGroup kind name",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReview": "metadata spec status",
  "io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec":
    "resourceAttributes nonResourceAttributes",
  "io.k8s.api.authorization.v1.ResourceAttributes":
    "namespace verb group version resource subresource name",
  "io.k8s.api.authorization.v1.NonResourceAttributes": "path verb",
  "io.k8s.api.authorization.v1.SubjectAccessReviewStatus": "allowed reason evaluationError denied",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReview": "metadata spec status",
  "io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec": "namespace",
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus":
    "resourceRules nonResourceRules incomplete evaluationError",
  "io.k8s.api.networking.v1.Ingress": "metadata spec status",
  "io.k8s.api.networking.v1.IngressSpec": "defaultBackend tls rules ingressClassName*",
  "io.k8s.api.networking.v1.IngressTLS": "hosts secretName",
  "io.k8s.api.networking.v1.IngressRule": "host +io.k8s.api.networking.v1.IngressRuleValue",
  "io.k8s.api.networking.v1.IngressRuleValue": "http",
  "io.k8s.api.networking.v1.HTTPIngressRuleValue": "paths",
  "io.k8s.api.networking.v1.HTTPIngressPath": "path backend pathType*",
  "io.k8s.api.networking.v1.IngressBackend": "- - resource service",
  "io.k8s.api.networking.v1.IngressServiceBackend": "name port",
  "io.k8s.api.networking.v1.ServiceBackendPort": "name number",
  "io.k8s.api.networking.v1.IngressStatus": "loadBalancer",
  "io.k8s.api.networking.v1.IngressLoadBalancerStatus": "ingress",
  "io.k8s.api.core.v1.TypedLocalObjectReference": "apiGroup* kind name",
};
