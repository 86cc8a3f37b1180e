# After npm run package: docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example.com/kubectl-aa --push .
# The base has what Node needs, glibc and libstdc++, and neither a shell nor a package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG TARGETARCH
COPY dist/package/linux_${TARGETARCH}/kubectl-aa LICENSE dist/package/THIRD-PARTY-NOTICES.txt /
USER 65532:65532
ENTRYPOINT ["/kubectl-aa"]
CMD ["doctor", "--no-port-forward"]
