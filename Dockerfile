# The image of the service. Plain Dockerfile features only, so that any engine's builder can make it.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Packages first: this layer changes with the versions, not with the code.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/CallbackReceiver/CallbackReceiver.csproj src/CallbackReceiver/
RUN dotnet restore src/CallbackReceiver/CallbackReceiver.csproj

# .editorconfig is part of the build: it carries the analyzers' severities.
COPY .editorconfig appsettings.json appsettings.Development.json ./
COPY src/CallbackReceiver/ src/CallbackReceiver/
RUN dotnet publish src/CallbackReceiver/CallbackReceiver.csproj \
    --configuration Release --no-restore --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./

# What PostgreSQL cannot take waits here: the one folder that is written, and that has to outlive the container.
RUN mkdir -p /var/lib/callback-receiver/spool && chown -R "$APP_UID" /var/lib/callback-receiver
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
