{{/* What each pod of a service has in common: (dict "root" $ "nodes" .Values.nodes.services "uid" 65534). Of its token, the
     pod's own template says whether it has one. */}}
{{- define "pod" -}}
enableServiceLinks: false
{{- with .root.Values.pull.secrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .nodes }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .uid | int64 }}
  runAsGroup: {{ .uid | int64 }}
  fsGroup: {{ .uid | int64 }}
  fsGroupChangePolicy: OnRootMismatch
{{- with .groups }}
  supplementalGroups: [{{ join ", " . }}]
{{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{/* The number that services run as: `nobody` of their images. */}}
{{- define "service.uid" -}}
65534
{{- end }}

{{/* The same for each container: (dict "root" $ "image" "web"). */}}
{{- define "container" -}}
image: {{ include "image" (dict "root" .root "name" .image) }}
imagePullPolicy: {{ .root.Values.pull.policy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* Memory equals its limit, so that a node never takes back what it promised to a service: (list "100m" "1" "512Mi"). */}}
{{- define "resources" -}}
resources:
  requests:
    cpu: {{ index . 0 }}
    memory: {{ index . 2 }}
  limits:
    cpu: {{ index . 1 | quote }}
    memory: {{ index . 2 }}
{{- end }}

{{/* A folder in memory or on the node that a pod may write to, and that is gone with it: (list "run" "1Mi"). */}}
{{- define "scratch" -}}
- name: {{ index . 0 }}
  emptyDir:
    sizeLimit: {{ index . 1 }}
{{- end }}

{{/* A claim's spec: (dict "kind" <storageClass, accessMode> "gb" 10). */}}
{{- define "claim.spec" -}}
spec:
  accessModes: [{{ .kind.accessMode }}]
  {{- with .kind.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests:
      storage: {{ include "size" .gb }}
{{- end }}
