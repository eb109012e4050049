"""A machine in a folder: real environments, releases and links; systemd and digitcam are played by scripts."""

from collections.abc import Callable
from pathlib import Path

from digitlab.deploy.onpi.layout import Layout

Send = Callable[..., Path]
Deploy = Callable[..., None]

# Answers `show`, and tells what the service tells of itself, from the unit that `current` leads to: a release is well,
# crashes, ends, or never gets ready, as the text of its unit says.
SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
*restart*) echo $(( $(cat "$here/starts" 2>/dev/null || echo 0) + 1 )) > "$here/starts" ;;
*stop*) rm -f "$here/starts" ;;
show*)
    kind=inactive
    [ -e "$here/starts" ] && kind=$(cat "$here/root/etc/systemd/system/digitcam.service" 2>/dev/null || echo inactive)
    restarts=0 result=success started=$(cat "$here/starts" 2>/dev/null)
    case $kind in
    well) active=active sub=running phase=reading rate=9.0 camera="a lens" ;;
    mute) active=active sub=running phase=reading rate=0.0 camera=gone ;;
    waits) active=active sub=running phase=waiting rate=0.0 camera="none is there" ;;
    slow) active=activating sub=start ;;
    crash) active=activating sub=auto-restart result=exit-code ;;
    *) active=inactive sub=dead ;;
    esac
    echo "ActiveState=$active"
    echo "SubState=$sub"
    echo "NRestarts=$restarts"
    echo "Result=$result"
    echo "ExecMainStatus=1"
    echo "InvocationID=$started"
    mkdir -p "$here/root/run/digitcam"
    cd "$here/root/run/digitcam"
    rm -f status.json
    if [ "$active" = active ]; then cat >status.json <<END
{"invocation": "$started", "ready": true, "phase": "$phase", "stats": {"rate": $rate, "latency": {"total": {"p50": 5}}},
 "health": {"parts": {"camera": {"state": "ok", "text": "$camera"}}}}
END
    fi ;;
esac
"""
JOURNALCTL = """#!/bin/sh
case "$*" in *INVOCATION*) echo "the last line" ;; esac
"""
# Plays digitcam: reads the file of settings, and its one frame.
PROGRAM = """
import json, sys
from pathlib import Path
words = sys.argv[1:]
if words[:2] == ["config", "--schema"]:
    print("{}")
elif words[:2] == ["config", "--example"]:
    print("# A section.\\n[camera]\\n# Where frames come from.\\nsource = \\"auto\\"\\n\\n[web]\\nenabled = false")
elif words[0] == "check":
    text = Path(words[-1]).read_text()
    bad = "bad" in text
    checks = [{"name": "configuration", "state": "fault" if bad else "ok", "found": "", "advice": "what is bad?"},
              {"name": "camera", "state": "fault", "found": "", "advice": "in use"}]
    print(json.dumps({"ok": False, "checks": checks}))
else:
    print(json.dumps({"text": READS}))
"""
LAUNCHER = (
    '#!/bin/sh\nhere=$(dirname "$(dirname "$(readlink -f "$0")")")\nexport PYTHONPATH="$here/code"\n'
    'exec "$here/environment/bin/python" -m digitcam "$@"\n'
)


def current(layout: Layout) -> str:
    return layout.current.resolve().name if layout.current.exists() else ""
