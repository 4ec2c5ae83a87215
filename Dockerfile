# latchkey: one binary on a base image without a shell. It takes the place of quay.io/keycloak/keycloak: docs/containers.md.
FROM rust:1.95-slim-bookworm AS build
# OpenSSL is built in, which takes perl and make.
RUN apt-get update && apt-get install --yes --no-install-recommends make perl && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --package idp-server && cp target/dist/latchkey /latchkey
# Any user of group 0 may write the data, as platforms that choose the user id need it.
RUN mkdir -p /rootfs/realms /rootfs/opt/keycloak/bin /owned/data/import \
    && ln -s /usr/local/bin/latchkey /rootfs/opt/keycloak/bin/kc.sh \
    && chmod -R g=u /owned/data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /rootfs/ /
COPY --from=build --chown=1000:0 /owned/ /opt/keycloak/
COPY --from=build /latchkey /usr/local/bin/latchkey
ENV KC_RUN_IN_CONTAINER=true LATCHKEY_REALMS=/realms
WORKDIR /
# The user of Keycloak's image, so that volumes and bind mounts made for it can be written; by number, as Kubernetes asks for.
USER 1000:0
EXPOSE 8080 8443 9000
VOLUME ["/opt/keycloak/data"]
HEALTHCHECK --interval=3s --timeout=3s --start-period=10s --retries=3 CMD ["/usr/local/bin/latchkey", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/latchkey"]
CMD ["start-dev"]
