{{/* The namespace of sessions, executors, builds and all data. The release's own has the services alone. */}}
{{- define "work" -}}
{{ .Release.Namespace }}-work
{{- end }}

{{/* The image of a name: (dict "root" $ "name" "web"). */}}
{{- define "image" -}}
{{ required (printf "images.%s: no image of this name, by digest" .name) (index .root.Values.images .name) }}
{{- end }}

{{/* The claim of a kind that the site may have given: (dict "given" .Values.storage.releases "own" "releases"). */}}
{{- define "claim" -}}
{{ .given.claim | default .own }}
{{- end }}

{{/* How Kubernetes writes a size in units of 2^30 bytes, which may be a fraction: in units of 2^20 bytes. */}}
{{- define "size" -}}
{{ mulf . 1024 | ceil | int64 }}Mi
{{- end }}

{{- define "kept" -}}
helm.sh/resource-policy: keep
{{- end }}

{{/* What the admission policies say of the hub and of the broker. */}}
{{- define "account" -}}
system:serviceaccount:{{ .root.Release.Namespace }}:{{ .name }}
{{- end }}
