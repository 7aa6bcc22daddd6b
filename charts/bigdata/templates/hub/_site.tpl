{{/* site.json, as the hub and the broker read it (jupyterhub-conf/settings.py). */}}
{{- define "hub.site" -}}
{{- $profiles := list }}
{{- range .Values.profiles }}
{{- $profiles = append $profiles (dict
  "slug" .slug
  "title" .title
  "description" (.description | default "")
  "image" .image
  "memory_gb" .memoryGb
  "cpus" .cpus
  "pids" 1024
  "shm_gb" .shmGb
  "gpus" (.gpus | default 0 | int64)
  "projects" (.projects | default list)) }}
{{- end }}
{{- $projects := list }}
{{- $gids := dict }}
{{- range .Values.projects }}
{{- $_ := set $gids .slug (int64 .gid) }}
{{- $members := dict }}
{{- range .members }}
{{- $_ := set $members .login (dict "first" .first "last" .last) }}
{{- end }}
{{- $period := .period | default dict }}
{{- $projects = append $projects (dict
  "slug" .slug
  "title" .title
  "purpose" .purpose
  "group" (printf "projet-%s" .slug)
  "bases" (.bases | default list)
  "source_tables" (.sourceTables | default false)
  "members" $members
  "groups" list
  "period" (dict "first" $period.first "last" $period.last)) }}
{{- end }}
{{- $accounts := dict }}
{{- range .Values.accounts }}
{{- $_ := set $accounts .login (dict "uid" (int64 .uid) "end" .end) }}
{{- end }}
{{- $images := dict }}
{{- range $name, $image := .Values.images }}
{{- $_ := set $images $name $image }}
{{- end }}
{{- $cluster := dict
  "namespace" (include "work" .)
  "images" $images
  "pull_policy" .Values.pull.policy
  "accounts" $accounts
  "gids" $gids
  "source_readers_gid" (int64 .Values.storage.sourceReaders)
  "homes" (dict "storage_class" .Values.storage.homes.storageClass "access_mode" .Values.storage.homes.accessMode)
  "home_gb" .Values.storage.homes.sizeGb
  "gpu_resource" .Values.nodes.gpuResource
  "broker_url" (printf "http://web-sessions.%s:8081/broker" .Release.Namespace)
  "executors" (int64 .Values.spark.executors)
  "scratch_gb" .Values.spark.scratchGb
  "onboarding" (dict "onboarding" (include "onboarding.paths" . | fromJsonArray))
  "demonstration" (eq .Values.hub.logins.kind "demonstration")
  "memory_gb" .Values.sessions.memoryGb
  "node_selector" (.Values.nodes.sessions | default dict) }}
{{- if or .Values.storage.releases.claim .Values.storage.restricted.claim }}
{{- $_ := set $cluster "claims" (dict
  "releases" (include "claim" (dict "given" .Values.storage.releases "own" "releases"))
  "restricted" (include "claim" (dict "given" .Values.storage.restricted "own" "restricted"))) }}
{{- end }}
{{- dict
  "title" .Values.site.title
  "url" .Values.site.url
  "session_domain" .Values.site.sessionDomain
  "profiles" $profiles
  "projects" $projects
  "sessions" (dict "memory_overcommit" .Values.sessions.memoryOvercommit "reserved_gb" 0 "user_gb" .Values.sessions.userGb)
  "idle" (dict
    "cull_after_minutes" .Values.sessions.idle.cullAfterMinutes
    "greatest_age_hours" .Values.sessions.idle.greatestAgeHours)
  "addresses" (dict
    "proxy" (printf "http://proxy.%s:8000" .Release.Namespace)
    "proxy_api" (printf "http://proxy.%s:8001" .Release.Namespace)
    "hub" (printf "http://hub.%s:8080" .Release.Namespace)
    "hub_for_sessions" (printf "http://web-sessions.%s:8081" .Release.Namespace))
  "state" "/var/lib/jupyterhub"
  "database" "/var/lib/jupyterhub/jupyterhub.sqlite"
  "uses" "/var/lib/jupyterhub/uses"
  "login_s" (int64 .Values.hub.loginS)
  "inside" (dict
    "releases" "/srv/openchronic"
    "onboarding" "/srv/onboarding"
    "restricted" "/srv/openchronic-restricted"
    "teams" "/srv/equipes"
    "snapshots" "/srv/equipes/.instantanes")
  "administrators" (.Values.site.administrators | default list)
  "help" (.Values.site.help | default list)
  "logins" (dict "acceptances" "/var/lib/jupyterhub/charter.jsonl" "ldap" nil "oidc" (include "hub.oidc" . | fromJson | default nil))
  "cluster" $cluster | toPrettyJson }}
{{- end }}

{{- define "hub.oidc" -}}
{{- $logins := .Values.hub.logins }}
{{- if eq $logins.kind "oidc" }}
{{- $given := required "hub.logins.oidc: say the provider (kind: oidc)" $logins.oidc }}
{{- dict
  "issuer" $given.issuer
  "client_id" $given.clientId
  "secret_file" "/etc/secrets/logins/client-secret"
  "trusted" ($logins.authorities | empty | ternary "/etc/ssl/certs/ca-certificates.crt" "/etc/site/authorities.pem")
  "username_claim" $given.usernameClaim
  "group_claim" $given.groupClaim
  "groups" ($given.groups | default list)
  "acr" ($given.acr | default list)
  "amr" ($given.amr | default list)
  "scopes" ($given.scopes | default list)
  "logout" $given.logout
  "refused_logins" list | toJson }}
{{- else }}
{{- if $logins.oidc }}
{{- fail "hub.logins.oidc: a provider is given, and hub.logins.kind says demonstration: everybody would log in with one password" }}
{{- end -}}
null
{{- end }}
{{- end }}
