"""No column is indexed twice: each index that goes began another one, or served `LIKE`, which nothing asks.

They are dropped by name: to alter a foreign key would check every row of its table again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DOUBLED = {
    "boards_board_key_620920d5_like": "boards_board (key varchar_pattern_ops)",
    "boards_card_board_id_f5979668": "boards_card (board_id)",
    "boards_card_column_id_7efa4ada": "boards_card (column_id)",
    "boards_card_labels_card_id_baeff293": "boards_card_labels (card_id)",
    "boards_card_participants_card_id_8ac44b48": "boards_card_participants (card_id)",
    "boards_carriedperson_board_id_27d3b209": "boards_carriedperson (board_id)",
    "boards_column_board_id_dac86d74": "boards_column (board_id)",
    "boards_elsewhere_board_id_bcfa3ee0": "boards_elsewhere (board_id)",
    "boards_fold_user_id_f1034e87": "boards_fold (user_id)",
    "boards_formercardkey_board_id_5ae64c16": "boards_formercardkey (board_id)",
    "boards_formerkey_key_574bfa4d_like": "boards_formerkey (key varchar_pattern_ops)",
    "boards_membership_board_id_05a7ed63": "boards_membership (board_id)",
    "boards_watch_user_id_32c9ac9a": "boards_watch (user_id)",
    "boards_welcome_user_id_55b04334": "boards_welcome (user_id)",
}


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0010_blocked_cards"),
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
                    model_name="card",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cards",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="card",
                    name="column",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cards",
                        to="boards.column",
                    ),
                ),
                migrations.AlterField(
                    model_name="carriedperson",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="carried_people",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="column",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="columns",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="elsewhere",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="elsewhere",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="fold",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="folds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="formercardkey",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="membership",
                    name="board",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="boards.board",
                    ),
                ),
                migrations.AlterField(
                    model_name="watch",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="welcome",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        )
    ]
