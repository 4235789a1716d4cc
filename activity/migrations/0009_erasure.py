"""A text can be erased, by one function and only when the log says so; nothing else in the log ever goes."""

from django.db import migrations, models

# Runs as the owner of the tables, for a role that may not delete there itself. It takes no digests from its
# caller: what goes is what a recorded activity names, of that activity's own card.
ERASE = """
CREATE FUNCTION fluxboard_erase(board bigint, seq bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told public.activity_activity;
    gone bigint;
BEGIN
    SELECT a.* INTO told FROM public.activity_activity a
        WHERE a.board_id = fluxboard_erase.board AND a.seq = fluxboard_erase.seq AND a.verb = 'card.erased';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log is append-only: no erasure is recorded as % of board %', seq, board
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM public.activity_activitycontent c
        USING jsonb_array_elements_text(told.after -> 'erased') AS named (digest)
        WHERE c.digest = named.digest AND c.card_id = told.card_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
REVOKE ALL ON FUNCTION fluxboard_erase(bigint, bigint) FROM PUBLIC;
"""

# Whoever deletes, the owner included: a text goes only when an activity of its card names it as erased.
NAMED = """
CREATE FUNCTION fluxboard_erased_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.activity_activity a
        WHERE a.verb = 'card.erased' AND a.card_id = OLD.card_id AND a.after -> 'erased' ? OLD.digest
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the log is append-only: no erasure names the text %', left(OLD.digest, 12)
        USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP TRIGGER append_only ON activity_activitycontent;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON activity_activitycontent
    FOR EACH STATEMENT EXECUTE FUNCTION fluxboard_append_only();
CREATE TRIGGER erased_only BEFORE DELETE ON activity_activitycontent
    FOR EACH ROW EXECUTE FUNCTION fluxboard_erased_only();
"""
UNNAMED = """
DROP TRIGGER erased_only ON activity_activitycontent;
DROP TRIGGER append_only ON activity_activitycontent;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_activitycontent
    FOR EACH STATEMENT EXECUTE FUNCTION fluxboard_append_only();
DROP FUNCTION fluxboard_erased_only();
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0008_snapshots_and_verifications")]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                condition=models.Q(("verb", "card.erased")), fields=["card"], name="activity_of_erasures"
            ),
        ),
        migrations.RunSQL(NAMED, UNNAMED),
        migrations.RunSQL(ERASE, "DROP FUNCTION fluxboard_erase(bigint, bigint)"),
    ]
