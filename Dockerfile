# The tracker as a long-running container. BASE: any Debian-like image with Python 3.11 or newer and its venv module.
# An index of your own reaches the build, and nothing else, as secrets: --secret id=pip.conf,src=… --secret id=ca.pem,src=…
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
COPY requirements/build.txt requirements/image.txt requirements/
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca.pem,target=/run/secrets/ca.pem \
    python3 -m venv /opt/tracker \
 && /opt/tracker/bin/pip install --no-cache-dir --no-compile --require-hashes -r requirements/build.txt \
 && /opt/tracker/bin/pip install --no-cache-dir --no-compile --require-hashes -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY tracker tracker
COPY watchlists watchlists
COPY migrations migrations
RUN /opt/tracker/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index . \
 && /opt/tracker/bin/python -m compileall -q -j 0 /opt/tracker/lib \
 && /opt/tracker/bin/pip uninstall --yes --quiet hatchling editables pip

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="domain-churn-tracker" \
      org.opencontainers.image.description="Measures how influence operations come back after their domains are taken down" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/tracker /opt/tracker
ENV PATH=/opt/tracker/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    TMPDIR=/tmp \
    TRACKER_DATABASE_URL=/data/tracker.db \
    TRACKER_PUBLISHING_DIRECTORY=/data/reports
RUN install -d -o 10001 -g 10001 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s --start-period=10m --retries=2 CMD ["tracker", "health"]
ENTRYPOINT ["tracker"]
CMD ["run"]
