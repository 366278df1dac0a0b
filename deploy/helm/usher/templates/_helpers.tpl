{{- define "usher.name" -}}
{{- if contains "usher" .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-usher" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "usher.selector" -}}
app.kubernetes.io/name: usher
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "usher.labels" -}}
{{ include "usher.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "usher.basePath" -}}
{{ .Values.settings.BASE_PATH | default "/scim/v2" | trimSuffix "/" }}
{{- end }}

{{- define "usher.prefix" -}}
{{ (urlParse (.Values.settings.PUBLIC_URL | default "")).path | trimSuffix "/" }}
{{- end }}

{{/* Of the chart's values (top), a name, annotations, and paths of Usher. Nothing is rewritten. */}}
{{- define "usher.ingress" }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .name }}
  labels: {{- include "usher.labels" .top | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .top.Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls:
    - hosts: [{{ required "ingress.host: the name that the provider reaches Usher by" .top.Values.ingress.host | quote }}]
      secretName: {{ required "ingress.tlsSecret: the Secret with the certificate; tokens travel by TLS only" .top.Values.ingress.tlsSecret }}
  rules:
    - host: {{ .top.Values.ingress.host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ printf "%s%s" (include "usher.prefix" $.top) . | default "/" }}
            pathType: Prefix
            backend:
              service:
                name: {{ include "usher.name" $.top }}
                port:
                  name: http
          {{- end }}
{{- end }}
