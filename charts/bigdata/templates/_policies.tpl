{{/* Pods of a component in one of the two namespaces: (dict "root" $ "namespace" "n" "component" "hub"). */}}
{{- define "peer" -}}
namespaceSelector:
  matchLabels:
    kubernetes.io/metadata.name: {{ .namespace }}
podSelector:
  matchLabels: {{- include "selector" . | nindent 4 }}
{{- end }}

{{/* A rule of egress to the cluster's DNS, which must answer names of the cluster alone: another name would carry data out. */}}
{{- define "dns" -}}
to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ .Values.policies.dns.namespace }}
    podSelector:
      matchLabels: {{- toYaml (.Values.policies.dns.labels | default (dict "k8s-app" "kube-dns")) | nindent 8 }}
ports:
  - {protocol: UDP, port: 53}
  - {protocol: TCP, port: 53}
{{- end }}

{{/* A rule of egress to the API server. */}}
{{- define "api.server" -}}
{{- if not .Values.policies.apiServer }}
{{- fail "policies.apiServer: say where the API server is; without an address, hub and broker could call any" }}
{{- end -}}
to:
  {{- range .Values.policies.apiServer }}
  - ipBlock: {cidr: {{ . }}}
  {{- end }}
ports:
  {{- range .Values.policies.apiServerPorts }}
  - {protocol: TCP, port: {{ . | int64 }}}
  {{- end }}
{{- end }}

{{/* Pods of a component in the policy's own namespace. */}}
{{- define "same" -}}
podSelector:
  matchLabels: {{- include "selector" . | nindent 4 }}
{{- end }}
