"""Static files under names that hold their digest, compressed, cached for ever by browsers."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, which also rewrites the imports between our JavaScript modules.

    So a module and all that it imports change their names together, and no browser mixes two releases.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """The name with its digest; the plain name, which is served too, where nothing was collected yet.

        A command that changes a board draws fragments of pages, and may run before the first bin/serve.
        Raises ValueError for a file that the collected ones lack.
        """
        if not self.hashed_files:
            return str(self.clean_name(name))
        return str(super().stored_name(name))
