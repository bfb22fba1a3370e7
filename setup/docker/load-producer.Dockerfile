# Image of load-producer, which produces messages to a topic at a rate and reports latencies.
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
    setup/docker/compile.sh /out load-producer

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="load-producer" \
    org.opencontainers.image.description="Produces messages to a Kafka topic at a rate, and reports latencies" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY setup/docker/packages.sh /tmp/
RUN /tmp/packages.sh runtime && rm /tmp/packages.sh
COPY setup/docker/barrier.sh /usr/bin/barrier
COPY --from=build /out/load-producer /usr/bin/load-producer
# Writes no file: the root can be read-only.
USER 65532:65532
# Serves nothing, and ends by itself: its exit status says how it went.
HEALTHCHECK NONE
ENTRYPOINT ["/usr/bin/load-producer"]
