#!/usr/bin/env bash
# Renders what is generated of setup/kubernetes, after a change of what it is generated from; setup/check.sh finds out
# when that was forgotten.
#
#   setup/kubernetes.yml                          the overlay kraft as one file
#   components/monitoring/prometheusrule.yaml     setup/prometheus/rules.yml, for the Prometheus operator
#
# Where another folder is named, they are written to that.   setup/kubernetes/render.sh [FOLDER]

source "$(dirname "${BASH_SOURCE[0]}")/../install.sh"
cd "$root/setup"

all=${1:-.}/kubernetes.yml rule=${1:-kubernetes/components/monitoring}/prometheusrule.yaml
VENV=$root/.venv-setup need_python "${setup_tools[@]}"

{
    echo "# Rendered by setup/kubernetes/render.sh from setup/prometheus/rules.yml."
    printf '%s\n' "apiVersion: monitoring.coreos.com/v1" "kind: PrometheusRule" "metadata:" "  name: kafka-connector" \
        "  labels:" "    app: kafka-connector" "    component: kafka-connector" "spec:"
    grep -v '^#' prometheus/rules.yml | sed 's/./  &/'
} >"$rule"

{
    echo "# Kafka and its connector for OpenFaaS:  kubectl apply -f setup/kubernetes.yml"
    echo "# Rendered by setup/kubernetes/render.sh from setup/kubernetes/overlays/kraft."
    "$(dirname "$PYTHON")/kubectl" kustomize kubernetes/overlays/kraft
} >"$all"
