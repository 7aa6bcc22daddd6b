{{/* Refuses values that do not go together, all at once. A renderer that made them has erred: whom they let in would be told by
     chance. */}}
{{- define "contradictions" -}}
{{- $wrong := list }}
{{- $numbers := dict }}
{{- $logins := dict }}
{{- $slugs := dict }}
{{- $bases := dict }}
{{- range .Values.bases }}
{{- $_ := set $bases .slug .typed }}
{{- end }}
{{- $taken := list (list "storage.builder" .Values.storage.builder) (list "storage.sourceReaders" .Values.storage.sourceReaders) }}
{{- range .Values.accounts }}
{{- if hasKey $logins .login }}
{{- $wrong = append $wrong (printf "accounts: %s is there twice" .login) }}
{{- end }}
{{- $_ := set $logins .login true }}
{{- $taken = append $taken (list (printf "accounts: uid of %s" .login) .uid) }}
{{- end }}
{{- range .Values.projects }}
{{- $project := .slug }}
{{- if hasKey $slugs .slug }}
{{- $wrong = append $wrong (printf "projects: slug %s is there twice" .slug) }}
{{- end }}
{{- $_ := set $slugs .slug true }}
{{- $taken = append $taken (list (printf "projects: gid of %s" .slug) .gid) }}
{{- range .members }}
{{- if not (hasKey $logins .login) }}
{{- $wrong = append $wrong (printf "projects: members of %s: %s has no account" $project .login) }}
{{- end }}
{{- end }}
{{- $typed := .sourceTables }}
{{- range .bases }}
{{- if not (hasKey $bases .) }}
{{- $wrong = append $wrong (printf "projects: bases of %s: there is no base %s" $project .) }}
{{- else if and $typed (not (get $bases .)) }}
{{- $wrong = append $wrong (printf "projects: %s reads typed tables of %s, whose `typed` says that nobody does" $project .) }}
{{- end }}
{{- end }}
{{- end }}
{{- range .Values.profiles }}
{{- $profile := .slug }}
{{- range .projects }}
{{- if not (hasKey $slugs .) }}
{{- $wrong = append $wrong (printf "profiles: projects of %s: there is no project %s" $profile .) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $taken }}
{{- $number := last . | int64 | toString }}
{{- if hasKey $numbers $number }}
{{- $wrong = append $wrong (printf "%s is %s, as %s: they could read each other's files" (first .) $number (get $numbers $number)) }}
{{- end }}
{{- $_ := set $numbers $number (first .) }}
{{- end }}
{{- if $wrong }}
{{- fail (join "\n" $wrong) }}
{{- end }}
{{- end }}
