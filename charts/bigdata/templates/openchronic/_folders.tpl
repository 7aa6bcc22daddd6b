{{/* A container that makes the folders of a base: those that its sessions mount, which must be there first, and those that its
     build writes to. Kubernetes would make them for root. (dict "root" $ "base" <a base>) */}}
{{- define "openchronic.folders" -}}
name: folders-{{ .base.slug }}
{{- include "container" (dict "root" .root "image" "spark") | nindent 0 }}
command:
  - /bin/sh
  - -euc
  - |
    umask 022; mkdir -p "/releases/$BASE"
    umask 027; mkdir -p "/restricted/$BASE"; cd "/restricted/$BASE"
    for folder in $ZONE; do
      [ -d "$folder" ] || mkdir -m 700 "$folder"
    done
    {{- if .base.typed }}
    chgrp "$READERS" "/restricted/$STORE"; chmod 750 "/restricted/$STORE"
    {{- else }}
    chmod 700 "/restricted/$STORE"
    {{- end }}
env:
  - {name: BASE, value: {{ .base.slug }}}
  - {name: ZONE, value: {{ join " " .base.zone | quote }}}
  - {name: STORE, value: {{ .base.store }}}
  {{- if .base.typed }}
  - {name: READERS, value: {{ $.root.Values.storage.sourceReaders | int64 | quote }}}
  {{- end }}
{{- include "resources" (list "10m" "500m" "64Mi") | nindent 0 }}
volumeMounts:
  - {name: releases, mountPath: /releases}
  - {name: restricted, mountPath: /restricted}
{{- end }}
