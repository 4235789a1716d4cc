"""What the application's database role may do: everything but change the log or its own grants.

Migrations run as the role that owns the tables; the application signs in as another, the user of
DATABASE_URL. After each migration its rights are set anew. Where one role does both (an outside database
with no FLUXBOARD_MIGRATE_DATABASE_URL) there is nothing to grant, and the log's trigger is its only wall.
"""

from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql

APPEND_ONLY = ("activity_activity", "activity_activitycontent")
READ_ONLY = ("django_migrations",)
# The one way by which a text of the log goes: as its owner, and only what the log itself names as erased.
ERASE = "public.fluxboard_erase(bigint, bigint)"
# Only a table's owner may have PostgreSQL look at it anew.
ANALYZE = "public.fluxboard_analyze()"


def grant_after_migrate(using: str, **_: Any) -> None:
    """Receiver of `post_migrate`: set the rights of the application's role on every table of the schema."""
    connection = connections[using]
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role])
        current, known = cursor.fetchone()
        if not known or current == role:
            return
        tables = set(connection.introspection.table_names(cursor))
        for statement in _statements(role, tables):
            cursor.execute(statement)
        for function in (ERASE, ANALYZE):
            cursor.execute("SELECT to_regprocedure(%s)", [function])
            if cursor.fetchone()[0] is not None:
                for statement in _may_call(function, role):
                    cursor.execute(statement)


def _statements(role: str, tables: set[str]) -> list[sql.Composed]:
    app = sql.Identifier(role)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(app),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(app),
    ]
    for tables_here, rights in (
        (APPEND_ONLY, "UPDATE, DELETE, TRUNCATE"),
        (READ_ONLY, "INSERT, UPDATE, DELETE"),
    ):
        statements += [
            sql.SQL("REVOKE {} ON {} FROM {}").format(sql.SQL(rights), sql.Identifier(table), app)
            for table in tables_here
            if table in tables
        ]
    return statements


def _may_call(function: str, role: str) -> list[sql.Composed]:
    """Nobody else may: a restored dump has forgotten that the migration took the right from everyone."""
    return [
        sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(sql.SQL(function)),
        sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(function), sql.Identifier(role)),
    ]
