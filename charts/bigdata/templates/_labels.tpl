{{/* Labels of an object: (dict "root" $ "component" "web"). Pods have those of their selector alone, so that another version of the
     chart starts none again that did not change. */}}
{{- define "labels" -}}
{{ include "selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.Version | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "selector" -}}
app.kubernetes.io/name: bigdata
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}
