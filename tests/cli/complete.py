"""Completes lines as a person would: types each into an interactive shell in a terminal of its own, presses Tab, and
prints what the line has become, with the cursor at its end as "|".

    complete.py bash|zsh SCRIPT < LINES       SCRIPT: the completion; for zsh in a folder of its own, as _beamscope
"""
import os
import pty
import select
import sys
import tempfile

BASH = """
PS1='$ ' HISTFILE=
source "$SCRIPT"
bind 'set bell-style none'
bind 'set completion-query-items -1'
show() { printf '%s\\n' "$READLINE_LINE" >&3; READLINE_LINE= READLINE_POINT=0; }
bind -x '"\\C-g": show'
printf 'ready\\n' >&3
"""
ZSH = """
PS1='$ ' fpath=(${SCRIPT:h} $fpath)
unsetopt beep auto_list auto_menu
autoload -Uz compinit
compinit -u -D
show() { print -r -- "$BUFFER" >&3; BUFFER=; }
zle -N show
bindkey '^G' show
print ready >&3
"""


def begin(shell, rc, answers):
    """The shell's end of a terminal. What it writes to its descriptor 3 comes out of answers."""
    pid, terminal = pty.fork()
    if pid:
        return terminal
    os.dup2(answers, 3)
    os.environ.update(TERM="dumb", INPUTRC="/dev/null", ZDOTDIR=rc)
    if shell == "bash":
        os.execvp("bash", ["bash", "--rcfile", os.path.join(rc, ".zshrc"), "-i"])
    os.execvp("zsh", ["zsh", "-d", "-i"])


def next_line(terminal, answers, pending):
    """The next line of the answers; what the terminal shows meanwhile is read, so that it never fills up."""
    while b"\n" not in pending[0]:
        ready, _, _ = select.select([terminal, answers], [], [], 60)
        if not ready:
            sys.exit("complete.py: the shell does not answer")
        if answers in ready:
            pending[0] += os.read(answers, 4096)
        elif not os.read(terminal, 4096):
            sys.exit("complete.py: the shell has ended")
    line, pending[0] = pending[0].split(b"\n", 1)
    return line.decode()


def main():
    shell, script = sys.argv[1:]
    answers, told = os.pipe()
    pending = [b""]
    with tempfile.TemporaryDirectory() as rc:
        with open(os.path.join(rc, ".zshrc"), "w", encoding="utf-8") as f:
            f.write(BASH if shell == "bash" else ZSH)
        os.environ["SCRIPT"] = os.path.abspath(script)
        terminal = begin(shell, rc, told)
        next_line(terminal, answers, pending)
        for line in sys.stdin:
            os.write(terminal, line.rstrip("\n").encode() + b"\t\x07")
            print(next_line(terminal, answers, pending) + "|")
        os.write(terminal, b"exit\n")


main()
