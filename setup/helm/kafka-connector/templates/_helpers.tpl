{{- define "connector.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "connector.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "connector.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "connector.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* What a release's objects find its pods by: two releases in a namespace must not share it. */ -}}
{{- define "connector.selector" -}}
app: {{ include "connector.name" . }}
component: kafka-connector
release: {{ .Release.Name }}
{{- end -}}

{{- define "connector.labels" -}}
{{ include "connector.selector" . }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
heritage: {{ .Release.Service }}
app.kubernetes.io/name: {{ include "connector.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: kafka-connector
app.kubernetes.io/part-of: openfaas
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* A value as text. Whole numbers come as floating ones, which would be written with an exponent. */ -}}
{{- define "connector.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- printf "%.0f" . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{- /* Secrets under /var/secrets: name of the secret by its key, which is the file's name. */ -}}
{{- define "connector.secrets" -}}
{{- if .Values.saslAuth }}
broker-username: {{ .Values.brokerUsernameSecret }}
broker-password: {{ .Values.brokerPasswordSecret }}
{{- end }}
{{- with .Values.caSecret }}
broker-ca: {{ . }}
{{- end }}
{{- with .Values.certSecret }}
broker-cert: {{ . }}
{{- end }}
{{- with .Values.keySecret }}
broker-key: {{ . }}
{{- end }}
{{- end -}}
