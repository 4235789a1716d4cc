"""Static files under names that hold their digest, compressed, cached for ever by browsers."""

import contextlib
import hashlib
import json
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from fluxboard.server.assets import esbuild


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


def collect() -> bool:
    """Collect the static files, unless what they are made of is the same as the last time; whether it did.

    Compared are the bytes of every source file and of the programs that join and shrink them, never times: a
    checkout that went back to an older release is a changed one. What was collected must still be there.
    """
    root = Path(settings.STATIC_ROOT)
    mark = root.with_name(f"{root.name}.json")
    wanted = _digest_of_sources()
    try:
        if json.loads(mark.read_text()) == {"sources": wanted, "collected": _digest_of_collected()}:
            return False
    except (OSError, ValueError):
        pass
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    with contextlib.suppress(OSError):  # plain files (DEBUG) have no manifest: they are collected each time
        mark.write_text(json.dumps({"sources": wanted, "collected": _digest_of_collected()}))
    return True


def _digest_of_sources() -> str:
    here = Path(__file__).parent
    makers = [here / name for name in ("storage.py", "stylesheets.py", "scripts.py", "esbuild.py")]
    makers += [Path(settings.BASE_DIR) / name for name in ("uv.lock", "package-lock.json")]
    told = [str(settings.STORAGES), settings.STATIC_URL, str(esbuild.program()), sys.version]
    digest = hashlib.sha256(repr(told).encode())
    for maker in makers:
        digest.update(maker.read_bytes())
    for finder in (FileSystemFinder(), AppDirectoriesFinder()):
        for path, storage in finder.list([]):
            digest.update(f"{path}\0{getattr(storage, 'prefix', '')}\0".encode())
            digest.update(hashlib.sha256(Path(storage.path(path)).read_bytes()).digest())
    return digest.hexdigest()


def _digest_of_collected() -> str:
    """Of the manifest. Raises OSError when it, or a file that it names, is not there."""
    root = Path(settings.STATIC_ROOT)
    manifest = (root / "staticfiles.json").read_bytes()
    for path in json.loads(manifest)["paths"].values():
        (root / path).stat()
    return hashlib.sha256(manifest).hexdigest()
