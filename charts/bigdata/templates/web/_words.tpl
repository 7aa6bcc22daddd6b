{{/* The words between two `@` of the server's files (infra/components/web/files), as they are on a cluster. */}}
{{- define "web.words" -}}
STARTED_AS: "# The pod says as whom nginx runs."
ERROR_LOG: stderr
ACCESS_LOG: /dev/stdout
NGINX_PID: /run/nginx/nginx.pid
HTTP_PORT: "8080"
HTTPS_PORT: "8443"
SESSIONS_API_PORT: "8081"
# Of pods, the network policies say who may come to that port.
SESSIONS: all
WEB_PAGES: /srv/www
PROXY_URL: http://proxy.{{ .Release.Namespace }}:8000
HUB_URL: http://hub.{{ .Release.Namespace }}:8080
LOGIN_S: {{ .Values.hub.loginS | int64 | quote }}
SESSION_PATHS: {{ .Values.web.sessionPaths | quote }}
DOMAIN: {{ .Values.web.names.domain | quote }}
PATTERN: {{ .Values.web.names.domainPattern | quote }}
CLIENTS_ADDRESS: {{ include "web.proxies" . | quote }}
BROKER: {{ .Files.Get "files/broker.conf" | replace "@BROKER_URL@" (printf "http://broker.%s:8090" .Release.Namespace) | quote }}
{{- end }}

{{- define "web.proxies" }}
  # Browsers come by another port than nginx has here: a redirect names none.
  absolute_redirect off;
{{- range .Values.web.proxies }}
  set_real_ip_from {{ . }};
{{- end }}
{{- if .Values.web.proxies }}
  real_ip_header X-Forwarded-For;
  real_ip_recursive on;
{{- end }}
{{- end }}

{{/* A file of the server's with its words replaced: (dict "root" $ "path" "nginx.conf"). An unknown word is an error. */}}
{{- define "web.file" -}}
{{- $text := required (printf "files/web/%s is missing" .path) (.root.Files.Get (printf "files/web/%s" .path)) }}
{{- range $word, $value := include "web.words" .root | fromYaml }}
{{- $text = $text | replace (printf "@%s@" $word) $value }}
{{- end }}
{{- with regexFind "@[A-Z][A-Z0-9_]*@" $text }}
{{- fail (printf "files/web: nothing says what %s is on a cluster (templates/web/_words.tpl)" .) }}
{{- end }}
{{- $text }}
{{- end }}

{{- define "web.names" -}}
server_name {{ range $i, $name := . }}{{ if $i }} {{ end }}{{ $name }}{{ end }};
{{ end }}
