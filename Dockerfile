# The image of the service. Plain Dockerfile features only, so that any engine's builder can make it.
#
#   docker build -t callback-receiver .
#   docker build -t callback-receiver --build-arg RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled .    without a shell
#   … --build-arg VERSION=1.2.3 --build-arg REVISION="$(git rev-parse HEAD)" --build-arg SOURCE=https://…          for a release

ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0

FROM $SDK AS build
WORKDIR /source

# Packages first: this layer changes with the versions, not with the code. Locked: the same packages, or none.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/CallbackReceiver/CallbackReceiver.csproj src/CallbackReceiver/packages.lock.json src/CallbackReceiver/
RUN dotnet restore src/CallbackReceiver/CallbackReceiver.csproj --locked-mode

# .editorconfig is part of the build: it carries the analyzers' severities.
COPY .editorconfig appsettings.json appsettings.Development.json ./
COPY src/CallbackReceiver/ src/CallbackReceiver/
ARG VERSION=1.0.0
ARG REVISION
RUN dotnet publish src/CallbackReceiver/CallbackReceiver.csproj \
    --configuration Release --no-restore --output /app \
    -p:UseAppHost=false -p:ContinuousIntegrationBuild=true -p:Version="$VERSION" -p:SourceRevisionId="$REVISION"

# What it is made of, as CycloneDX.
COPY deploy/sbom.cs deploy/
RUN dotnet run deploy/sbom.cs -- /app/CallbackReceiver.deps.json >/app/sbom.json

# The final stage runs nothing, since a base without a shell could not: its folders are made here, and what was built now and what is built
# tomorrow bear the same time. Both trees are copied onto the root, since a builder may touch the folder that it copies into.
ARG SOURCE_DATE_EPOCH=0
RUN mkdir -p /state/var/lib/callback-receiver/spool /image/var/lib && mv /app /image/app \
    && find /image /state -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

FROM $RUNTIME
# What PostgreSQL cannot take waits in its folder: the one that is written, and that has to outlive the container.
COPY --from=build --chown=$APP_UID:$APP_UID /state/ /

# After it, since that gives /var itself to the user of the service: here it is root's again.
COPY --from=build /image/ /
WORKDIR /app
VOLUME /var/lib/callback-receiver/spool

# Without the diagnostics socket and pipes the runtime itself writes no file: the root file system can be read-only.
# A mounted secret that changes raises no file event in the container; polled, a new key is in force within seconds.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_USE_POLLING_FILE_WATCHER=1 \
    Spool__Directory=/var/lib/callback-receiver/spool
EXPOSE 8080
USER $APP_UID

# The service asks itself: the image has no curl. 'health' exits 0 when /healthz/ready answers 200.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 \
    CMD ["dotnet", "CallbackReceiver.dll", "health"]
ENTRYPOINT ["dotnet", "CallbackReceiver.dll"]

ARG RUNTIME
ARG VERSION=1.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="CallbackReceiver" \
      org.opencontainers.image.description="Receives SeaMeet's call analyses, keeps every one that was signed, and serves them over REST" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.base.name="$RUNTIME"
