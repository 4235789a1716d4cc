"""Django's PostgreSQL backend with bounds on every wait, and prepared statements.

`ENGINE = "fluxboard.core.postgres"`.
"""

OLDEST_POSTGRES = 17  # the first with `transaction_timeout`, which frees a board whatever its writer does
