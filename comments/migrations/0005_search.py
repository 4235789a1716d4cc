"""What is said and decided can be searched; the columns stand outside of the models, as those of boards."""

from django.db import migrations


def searched(table: str) -> list[migrations.RunSQL]:
    return [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD COLUMN words tsvector GENERATED ALWAYS AS (fluxboard_words(text)) STORED",
            f"ALTER TABLE {table} DROP COLUMN words",
        ),
        migrations.RunSQL(
            f"CREATE INDEX {table}_words ON {table} USING gin (words)", f"DROP INDEX {table}_words"
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_open_talk"), ("boards", "0007_search")]

    operations = [*searched("comments_comment"), *searched("comments_decision")]
