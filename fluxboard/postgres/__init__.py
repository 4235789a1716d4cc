"""Django's PostgreSQL backend with a gate before its pool of connections; `ENGINE = "fluxboard.postgres"`."""
