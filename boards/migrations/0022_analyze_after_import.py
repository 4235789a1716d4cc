"""After an import the application has PostgreSQL look at the tables, which only their owner may ask for."""

from django.db import migrations

# Runs as the owner of the tables. A table that is being looked at just now is passed over.
ANALYZE = """
CREATE FUNCTION fluxboard_analyze() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text;
BEGIN
    FOR named IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename ~ '^(accounts|activity|boards|comments)_'
        ORDER BY tablename
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) public.%I', named);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION fluxboard_analyze() FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("boards", "0021_board_templates")]

    operations = [migrations.RunSQL(ANALYZE, "DROP FUNCTION fluxboard_analyze()")]
