"""No column is indexed twice: each index that goes began another one, or served `LIKE`, which nothing asks.

They are dropped by name: to alter a foreign key would check every row of its table again.
"""

from django.db import migrations

DOUBLED = {
    "accounts_link_digest_77d54eef_like": "accounts_link (digest varchar_pattern_ops)",
    "accounts_spent_key_c0c0e85c_like": "accounts_spent (key varchar_pattern_ops)",
    "accounts_user_groups_user_id_52b62117": "accounts_user_groups (user_id)",
    "accounts_user_user_permissions_user_id_e4f0a161": "accounts_user_user_permissions (user_id)",
    "accounts_user_email_b2644a56_like": "accounts_user (email varchar_pattern_ops)",
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_rates")]

    operations = [
        migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {place}")
        for name, place in DOUBLED.items()
    ]
