#!/bin/sh
# Run once by the PostgreSQL image, on an empty volume: the database and its two roles.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=app_password="$APP_PASSWORD" --set=owner_password="$OWNER_PASSWORD" <<'SQL'
CREATE ROLE fluxboard_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE fluxboard LOGIN PASSWORD :'app_password';
CREATE DATABASE fluxboard OWNER fluxboard_owner;
REVOKE CREATE, TEMPORARY ON DATABASE fluxboard FROM PUBLIC;
SQL
