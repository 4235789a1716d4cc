"""The log's walls: the database itself refuses to change or remove what has been written."""

from django.db import migrations

TABLES = ("activity_activity", "activity_activitycontent")

REFUSE = """
CREATE FUNCTION fluxboard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
"""


def guard(table: str) -> str:
    return f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION fluxboard_append_only();
    """


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION fluxboard_append_only()"),
        *(migrations.RunSQL(guard(table), f"DROP TRIGGER append_only ON {table}") for table in TABLES),
    ]
