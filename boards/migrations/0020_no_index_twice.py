"""A template's labels by template: the constraint that it has each but once begins with that column too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("boards", "0019_card_templates")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS boards_template_labels_template_id_c0ee8152",
            "CREATE INDEX boards_template_labels_template_id_c0ee8152 ON boards_template_labels (template_id)",
        )
    ]
