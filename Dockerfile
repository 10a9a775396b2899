# The image of natsx: the executable on distroless, without a shell and without rights.
#
#   npm run package -- --target linux-x64,linux-arm64 --only-executables
#   docker buildx build --platform linux/amd64,linux/arm64 -t natsx .
#   docker run --rm --network host natsx info
#
# `npm run release:dry` makes the same image for linux-x64 as an OCI layout, without a container tool.
FROM --platform=$BUILDPLATFORM busybox:1.37 AS choose
ARG TARGETARCH
COPY release/executables /executables
RUN if [ "$TARGETARCH" = amd64 ]; then arch=x64; else arch="$TARGETARCH"; fi \
  && install -D -m 755 "/executables/linux-$arch/natsx" /natsx

FROM gcr.io/distroless/base-debian12:nonroot
COPY --from=choose /natsx /usr/bin/natsx
ENTRYPOINT ["/usr/bin/natsx"]
