"""Counts what is open on cards that have talk already."""

from django.db import migrations

COUNT = """
UPDATE boards_card SET questions_open = counted.questions, threads_escalated = counted.escalated
FROM (
    SELECT card_id,
           count(*) FILTER (WHERE kind = 'question') AS questions,
           count(*) FILTER (WHERE escalated_at IS NOT NULL) AS escalated
    FROM comments_comment WHERE settled_at IS NULL AND removed_at IS NULL GROUP BY card_id
) AS counted
WHERE counted.card_id = boards_card.id
"""


class Migration(migrations.Migration):
    dependencies = [("boards", "0006_open_talk"), ("comments", "0003_asynchronous_reading")]
    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
