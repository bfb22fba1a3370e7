#!/usr/bin/env bash
# Checks what setup/ and its README offer, with the tools that it is made for; says nothing of what is well.
# setup/README.md has what checks what, and what cannot be checked.
#
#   setup/check.sh
#
# The images are built and run only with CHECK_IMAGES in the environment, for that takes minutes: `if-possible`, as in
# CI, or `1`, with which a machine that cannot build them fails.

source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
cd "$root"

if [ "$(uname)" != Linux ] || ! command -v apt-get >/dev/null; then
    say "setup/ is not checked here: its tools come from Debian"
    exit 0
fi

need_packages "${build_packages[@]}" shellcheck curl kcat
VENV=$root/.venv-setup need_python "${setup_tools[@]}"
tools=$(dirname "$PYTHON")
# No __pycache__ beside the checks.
export PYTHONDONTWRITEBYTECODE=1
need_prometheus

bin=$(swift build --show-bin-path)
for product in kafka-connector rabbitmq-connector sns-connector connector-sim; do
    [ -x "$bin/$product" ] || quietly swift build --product "$product" "${flags[@]}"
done

say "checking setup/"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

quietly shellcheck --external-sources --source-path=SCRIPTDIR setup/*.sh setup/*/*.sh .ci/run
quietly "$tools/hadolint" setup/docker/*.Dockerfile
quietly "$tools/actionlint" setup/examples/*.yml

# Stacks alone and as the walk-through combines them.
for stack in setup/swarm/*.yml "kafka-kraft connector load-producer monitoring" "kafka-zookeeper connector"; do
    files=()
    for file in $stack; do
        [ -f "$file" ] || file=setup/swarm/$file.yml
        files+=("$file")
    done
    if docker stack config --help >/dev/null 2>&1; then
        quietly docker stack config "${files[@]/#/--compose-file=}"
    fi
    if docker compose version >/dev/null 2>&1; then
        quietly docker compose "${files[@]/#/--file=}" config --quiet
    elif ! docker stack config --help >/dev/null 2>&1; then
        need_packages docker-compose
        quietly docker-compose "${files[@]/#/--file=}" config --quiet
    fi
done

quietly "$prometheus/promtool" check config setup/prometheus/prometheus.yml
quietly "$prometheus/promtool" test rules setup/prometheus/rules.test.yml

quietly setup/kubernetes/render.sh "$scratch"
for rendered in kubernetes.yml kubernetes/components/monitoring/prometheusrule.yaml; do
    quietly diff --unified "setup/$rendered" "$scratch/$(basename $rendered)" ||
        fail "setup/$rendered is not what setup/kubernetes/render.sh makes"
done
quietly "$PYTHON" setup/checks/manifests.py "$bin"
quietly setup/checks/barrier.sh
quietly "$PYTHON" setup/checks/walkthrough.py "$bin"

say "asking a real Prometheus what the dashboard asks"
quietly "$PYTHON" setup/checks/dashboard.py "$bin" "$prometheus/prometheus"

say "looking at a run with a real browser"
need_packages chromium-headless-shell
quietly "$PYTHON" setup/checks/live.py "$bin" "$(command -v chromium-headless-shell)"

case "${CHECK_IMAGES:-0}" in
0) ;;
if-possible) setup/checks/images.sh if-possible ;;
*) setup/checks/images.sh ;;
esac
