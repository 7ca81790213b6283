# The tracker as a long-running container. BASE may be any Debian-like image with Python 3.11 or newer.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
COPY requirements/build.txt requirements/run.txt requirements/
RUN python3 -m venv /opt/tracker \
 && /opt/tracker/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /opt/tracker/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY tracker tracker
COPY watchlists watchlists
COPY migrations migrations
RUN /opt/tracker/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
LABEL org.opencontainers.image.title="domain-churn-tracker" \
      org.opencontainers.image.description="Measures how influence operations come back after their domains are taken down" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/tracker /opt/tracker
ENV PATH=/opt/tracker/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    TMPDIR=/tmp \
    TRACKER_DATABASE_URL=/data/tracker.db \
    TRACKER_PUBLISHING_DIRECTORY=/data/reports
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s --start-period=10m CMD ["tracker", "health"]
ENTRYPOINT ["tracker"]
CMD ["run"]
