"""Static files under names that hold their digest, compressed, cached for ever by browsers."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, which also rewrites the imports between our JavaScript modules.

    So a module and all that it imports change their names together, and no browser mixes two releases.
    """

    support_js_module_import_aggregation = True
