"""Django's PostgreSQL backend with bounds on every wait, and prepared statements.

`ENGINE = "fluxboard.core.postgres"`.
"""

import os

# So long may a request wait for the database, and a change keep its board locked.
PAGE_SECONDS = float(os.environ.get("FLUXBOARD_PAGE_SECONDS") or 20)
# So long may a command, an import or an export take: bin/manage, bin/backup, bin/restore, migrations.
COMMAND_SECONDS = float(os.environ.get("FLUXBOARD_COMMAND_SECONDS") or 3600)

OLDEST_POSTGRES = 17  # the first with `transaction_timeout`, which frees a board whatever its writer does
