"""No column is indexed twice: each index that goes began another one, or served `LIKE`, which nothing asks.

The requests of a board that are old enough to go get one of their own.

They are dropped by name: to alter a foreign key would check every row of its table again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DOUBLED = {
    "activity_activity_actor_id_ee057585": "activity_activity (actor_id)",
    "activity_activity_board_id_789bf2b8": "activity_activity (board_id)",
    "activity_activity_card_id_e156f1c2": "activity_activity (card_id)",
    "activity_activitycontent_digest_39e3e1b1_like": "activity_activitycontent (digest varchar_pattern_ops)",
    "activity_digest_user_id_a68aa96e": "activity_digest (user_id)",
    "activity_frame_board_id_8e1deae2": "activity_frame (board_id)",
    "activity_later_user_id_5abf6643": "activity_later (user_id)",
    "activity_presence_board_id_69161e54": "activity_presence (board_id)",
    "activity_reading_user_id_ba842d30": "activity_reading (user_id)",
    "activity_request_actor_id_f658ad7a": "activity_request (actor_id)",
    "activity_request_board_id_3474ce3d": "activity_request (board_id)",
    "activity_snapshot_board_id_0edf6943": "activity_snapshot (board_id)",
}


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0011_removals_index"),
        ("boards", "0011_no_index_twice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["board", "at"], name="request_by_age"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {place}")
                for name, place in DOUBLED.items()
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="activity",
                    name="actor",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="activity",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="activity",
                    name="card",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="boards.card",
                    ),
                ),
                migrations.AlterField(
                    model_name="digest",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="frame",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="later",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="later",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="presence",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="reading",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="request",
                    name="actor",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="request",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="snapshot",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="boards.board",
                    ),
                ),
            ],
        ),
    ]
