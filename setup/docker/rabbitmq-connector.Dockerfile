# Image of rabbitmq-connector, which invokes OpenFaaS functions with messages of RabbitMQ queues.
# Built by setup/build.sh from the root of the repository; both images that it stands on can be changed by arguments.
ARG SWIFT_IMAGE=swift:6.3.1-bookworm
ARG RUNTIME_IMAGE=debian:12.13-slim

FROM ${SWIFT_IMAGE} AS build
WORKDIR /source
COPY setup/docker/packages.sh setup/docker/
RUN setup/docker/packages.sh build
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY setup/docker/compile.sh setup/docker/
# The images share what is compiled; one of them compiles at a time.
RUN --mount=type=cache,id=openfaas-kafka-connector,target=/source/.build,sharing=locked \
    setup/docker/compile.sh /out rabbitmq-connector

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rabbitmq-connector" \
    org.opencontainers.image.description="Invokes OpenFaaS functions with messages of RabbitMQ queues" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY setup/docker/packages.sh /tmp/
RUN /tmp/packages.sh runtime librabbitmq4 && rm /tmp/packages.sh
COPY setup/docker/probe.sh /usr/bin/probe
COPY --from=build /out/rabbitmq-connector /usr/bin/rabbitmq-connector
# Writes no file: the root can be read-only.
USER 65532:65532
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/usr/bin/probe", "8081", "/healthz"]
ENTRYPOINT ["/usr/bin/rabbitmq-connector"]
