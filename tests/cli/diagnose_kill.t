# A diagnosis that is killed again and again, by signals and in the middle of writing a line, comes to the very lines and
# figures of one that is left alone.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
cd "$scratch" || exit 99
mkdir beamscope && printf 'scan = 0\nbudget = 500\n' >beamscope/config || exit 99
export XDG_CONFIG_HOME=$scratch

# until_done HOW FILE: runs it until it comes to its end by itself; prints how often it did not. The kills are set by how
# far it has come: by what the file holds (KILL, TERM), or by the size at which the system lets it write no more (size).
cat >until_done.py <<'END_PYTHON'
import os, random, resource, signal, subprocess, sys, time
program, how, path = sys.argv[1:]
command = [program, "--format", "json", "diagnose", "--beams", "5,10", "-o", path]
random.seed(1)
kills = 0
size = lambda: os.path.getsize(path) if os.path.exists(path) else 0
while True:
    there = size()
    most = there + random.randrange(1, 200_000)
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))) if how == "size" else None
    # The summary goes to a pipe, which has no size.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=limit) as run:
        while how != "size" and run.poll() is None and size() < most:
            time.sleep(0.0005)
        if how != "size":
            run.send_signal(getattr(signal, "SIG" + how))
        out, err = run.communicate()
    if run.returncode == 0:
        break
    wanted = {"KILL": -signal.SIGKILL, "TERM": 1, "size": 1}[how]
    if run.returncode not in (wanted, -getattr(signal, "SIG" + how, 0)):
        sys.exit(f"ended with {run.returncode}: {err.decode()}")
    kills += 1
open("summary", "wb").write(out)
print(kills)
END_PYTHON

run --format json diagnose --beams 5,10 -o whole.jsonl
mv out whole.json
ulimit -c 0
for how in KILL TERM size; do
	kills=$(python3 until_done.py "$BEAMSCOPE" $how $how.jsonl 2>why)
	ok $? "it comes to its end ($how)"
	printf '# killed %s times\n' "$kills"
	[ "${kills:-0}" -ge 5 ]
	ok $? "it was killed in the middle ($how)"
	cmp whole.jsonl $how.jsonl >why 2>&1
	ok $? "the lines are those of one run ($how)"
	sed -E 's/"there": [0-9]+, //' summary | cmp - whole.json >why 2>&1
	ok $? "the figures are those of one run ($how)"
done
finish
