"""What is said in check-ins can be searched; the column stands outside of the model, as that of cards."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("boards", "0025_check_ins")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE boards_checkin ADD COLUMN words tsvector"
            " GENERATED ALWAYS AS (fluxboard_words(text)) STORED",
            "ALTER TABLE boards_checkin DROP COLUMN words",
        ),
        migrations.RunSQL(
            "CREATE INDEX boards_checkin_words ON boards_checkin USING gin (words)",
            "DROP INDEX boards_checkin_words",
        ),
    ]
