"""No column is indexed twice: each index that goes began another one, or served `LIKE`, which nothing asks.

They are dropped by name: to alter a foreign key would check every row of its table again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DOUBLED = {
    "comments_agreement_decision_id_9e322c82": "comments_agreement (decision_id)",
    "comments_ask_comment_id_2558c538": "comments_ask (comment_id)",
    "comments_ask_person_id_b2a455cc": "comments_ask (person_id)",
    "comments_comment_card_id_7abdde3a": "comments_comment (card_id)",
    "comments_comment_mentions_comment_id_c4cc3c9f": "comments_comment_mentions (comment_id)",
    "comments_decision_board_id_2e6ef986": "comments_decision (board_id)",
    "comments_decision_card_id_8fd74096": "comments_decision (card_id)",
    "comments_decision_decided_by_decision_id_9c1663a4": "comments_decision_decided_by (decision_id)",
    "comments_snooze_user_id_fe4a8045": "comments_snooze (user_id)",
}


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0011_no_index_twice"),
        ("comments", "0006_threads_without_outcome"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {place}")
                for name, place in DOUBLED.items()
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="agreement",
                    name="decision",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agreements",
                        to="comments.decision",
                    ),
                ),
                migrations.AlterField(
                    model_name="ask",
                    name="comment",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asks",
                        to="comments.comment",
                    ),
                ),
                migrations.AlterField(
                    model_name="ask",
                    name="person",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="comment",
                    name="card",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="boards.card",
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="card",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="boards.card",
                    ),
                ),
                migrations.AlterField(
                    model_name="snooze",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snoozes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        )
    ]
