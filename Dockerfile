# latchkey: one static-enough binary on a base image without a shell.
FROM rust:1.95-slim-bookworm AS build
# OpenSSL is built in, which takes perl and make.
RUN apt-get update && apt-get install --yes --no-install-recommends make perl && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --package idp-server && cp target/dist/latchkey /latchkey
RUN mkdir -p /rootfs/opt/keycloak/data/import /rootfs/realms /rootfs/data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build --chown=nonroot:nonroot /rootfs/ /
COPY --from=build /latchkey /usr/local/bin/latchkey
ENV LATCHKEY_DATA=/data LATCHKEY_REALMS=/realms KC_HTTP_HOST=0.0.0.0
USER nonroot
EXPOSE 8080 8443 9000
VOLUME ["/data"]
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s CMD ["/usr/local/bin/latchkey", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/latchkey"]
CMD ["start-dev"]
