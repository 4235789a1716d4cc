"""Checks the record in a board's export: python3 verify_export.py FLX-512.zip [HASH that was kept]"""

import hashlib
import json
import sys
import zipfile

sha, archive, chain, faults = hashlib.sha256, zipfile.ZipFile(sys.argv[1]), [bytes(32)], []
sys.excepthook = lambda kind, problem, where: print(*faults, f"it can't be read: {problem}", sep="\n")
files = {name: archive.read(name) for name in archive.namelist()}
manifest = json.loads(files.pop("manifest.json"))
for name in sorted(manifest["files"].keys() | files.keys()):
    data = files.get(name, b"")
    if manifest["files"].get(name) != {"bytes": len(data), "sha256": sha(data).hexdigest()}:
        faults.append(f"{name} is not what the manifest says")
for row in map(json.loads, files["log.jsonl"].splitlines()):
    digest, before, after = (bytes.fromhex(row.pop(key)) for key in ("digest", "previous_hash", "hash"))
    content = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if sha(content).digest() != digest or sha(before + digest).digest() != after:
        faults.append(f"seq {row['seq']} is not what was recorded")
    if before != chain[-1]:
        faults.append(f"seq {row['seq']} does not follow on the row before it")
    chain.append(after)
for text in map(json.loads, files["contents.jsonl"].splitlines()):
    if sha(bytes.fromhex(text["salt"]) + text["text"].encode()).hexdigest() != text["digest"]:
        faults.append(f"the text {text['digest']} is not what was recorded")
if manifest["head"] != {"seq": len(chain) - 1, "hash": chain[-1].hex()}:
    faults.append(f"the log ends at seq {len(chain) - 1}, not where the manifest says")
faults += [f"{one} is not in this history" for one in sys.argv[2:] if bytes.fromhex(one) not in chain]
sys.exit("\n".join(faults) or print(f"ok: {len(chain) - 1} activities, head {chain[-1].hex()}"))
