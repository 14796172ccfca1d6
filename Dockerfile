# An image with all four programs, on Debian 12.
#
#     docker build -t sheaf .
#     docker run --rm sheaf sheaf --version
#
# Never built with Docker so far. What was checked instead, by hand, step by step:
#
#   - The system libraries of both stages are in Debian bookworm under these names (apt-cache policy).
#   - The objects of a debug build were linked with -static-stdlib and the libraries below; of what the result asks the
#     loader for (ldd), nothing is Swift's, and all is in the runtime stage's packages.
#   - The runtime stage's commands were run in a minimal bookworm made by debootstrap; there, as the user sheaf, that
#     program ran in the embedded mode and ended by SIGTERM with status 0, and sheaf-probe found it while it ran.
#
# What was not: the build stage with its compiler (Sheaf was built with Swift 6.3.1 on Debian 12), an optimised build
# with --static-swift-stdlib, the size of the image, other architectures than x86-64.

ARG SWIFT_IMAGE=swift:6.2-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libhiredis-dev libpq-dev librdkafka-dev libsqlite3-dev libssl-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Dependencies stay in their layer until the manifest changes. Put a Package.resolved beside it to pin their versions.
COPY Package.* ./
RUN swift package resolve
# The manifest names the tests' folders, so they have to be there.
COPY Sources Sources
COPY Tests Tests
RUN mkdir /out \
    && for product in sheaf sheaf-service sheaf-databus sheaf-qaas; do \
        swift build -c release --static-swift-stdlib --product "$product" \
        && install --strip "$(swift build -c release --show-bin-path)/$product" /out \
        || exit 1; \
    done

FROM ${RUNTIME_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libhiredis0.14 libpq5 librdkafka1 libsqlite3-0 libssl3 libstdc++6 openssl tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 sheaf \
    && useradd --uid 10001 --gid sheaf --no-create-home --home-dir /var/lib/sheaf --shell /usr/sbin/nologin sheaf \
    && install --directory --owner=sheaf --group=sheaf --mode=0750 /var/lib/sheaf
COPY --from=build /out/ /usr/local/bin/
COPY --chmod=0755 deploy/sheaf-probe /usr/local/bin/sheaf-probe
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
# Where the embedded mode keeps sheaf.db; give it a volume. The other modes write nothing.
WORKDIR /var/lib/sheaf
EXPOSE 8080
# Ends gracefully. Before the start is over the signal is not caught yet: run it under an init (docker run --init), or a
# stop during the start waits for its time limit.
STOPSIGNAL SIGTERM
# No HEALTHCHECK: which command runs is known where the image is used. There, `sheaf-probe readyz` is one.
CMD ["sheaf", "run"]
