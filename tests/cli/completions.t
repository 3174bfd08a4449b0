# Completion in the shells themselves: bash with the words of a line, and bash, zsh and fish as they are typed in.
. "$(dirname "$0")/lib.sh"
folder=$top_srcdir/data/completions
cd "$scratch" || exit 99
mkdir -p 'shop one/sft' && touch lost.lesson 'two words.csv' 'shop one/notes'

# In this shell: offered WANTED LINE…: the last word of the line is completed; WANTED are the candidates, and in brackets
# how bash is asked to go on (nospace, default: files, dirnames).
. "$folder/beamscope"
compopt() { asked+=" ($2)"; }
offered() {
	local wanted=$1 asked=
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_beamscope beamscope "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "$wanted" >"$scratch/wanted"
	printf '%s\n' "${COMPREPLY[*]}$asked" >"$scratch/offered"
	same "bash: $*" "$scratch/wanted" "$scratch/offered"
}
offered 'load loss' beamscope lo
offered 'load loss' beamscope -m model --ascii --beam=5 lo
offered 'before after' beamscope --mask ''
offered 'before after' beamscope beam 312 --mask = ''
offered 'greedy (default)' beamscope lesson gre
offered 'greedy (default)' beamscope less gre
offered '' beamscope beam ''
offered '--trace' beamscope beam 312 --tr
offered '' beamscope score 312 --tr
offered ' (default)' beamscope --trace ''
offered '--budget' beamscope exact 312 --bu
offered '' beamscope exact 312 --budget ''
offered 'merge' beamscope help merg
offered 'bash zsh fish' beamscope help --completion ''
offered 'sft,msl (nospace)' beamscope train sft,ms
offered 'bear-margin' beamscope loss bear-m
offered ' (default)' beamscope load model ''
offered ' (dirnames)' beamscope -d ''
offered 'bear-inference bear-train (default)' beamscope cases --template bear
offered '--command' beamscope -c 'beam 1' --co
offered ' (default)' beamscope -f script ''
offered '--command' beamscope --no-such-option --co
offered '' beamscope find -- --li

# typed SHELL SCRIPT: what lines become when they are typed and Tab is pressed, with the cursor at their end as "|".
typed() {
	"$python3" "$top_srcdir/tests/cli/complete.py" "$1" "$2" >"$scratch/became" 2>&1 <<-'LINES'
		beamscope lesso
		beamscope five
		beamscope lesson "gre
		beamscope lesson lo
		beamscope les five
		beamscope --format=j
		beamscope beam 312 --tra
		beamscope train sft,be
		beamscope help merg
		beamscope -d sh
		beamscope --data shop\ one/
		beamscope load model "two
		beamscope load model two
		beamscope -m two\ words.csv -B 5 scor
		beamscope --template bear-in
		beamscope help --completion z
	LINES
	cat >"$scratch/wanted" <<-'LINES'
		beamscope lesson |
		beamscope five|
		beamscope lesson "greedy" |
		beamscope lesson lost.lesson |
		beamscope les five-minutes |
		beamscope --format=json |
		beamscope beam 312 --trace |
		beamscope train sft,bear|
		beamscope help merge |
		beamscope -d shop\ one/|
		beamscope --data shop\ one/sft/|
		beamscope load model "two words.csv" |
		beamscope load model two\ words.csv |
		beamscope -m two\ words.csv -B 5 score |
		beamscope --template bear-inference |
		beamscope help --completion zsh |
	LINES
	same "$1: lines that are typed" "$scratch/wanted" "$scratch/became"
}
python3=$(command -v python3)
for shell in bash zsh; do
	script=$folder/beamscope
	[ $shell = bash ] || script=$folder/_beamscope
	if [ -z "$python3" ]; then
		skip "$shell: lines that are typed" "no python3"
	elif ! has_pty; then
		skip "$shell: lines that are typed" "no pseudo-terminal"
	elif ! command -v $shell >/dev/null; then
		skip "$shell: lines that are typed" "no $shell"
	else
		typed $shell "$script"
	fi
done

# In fish: what is offered, without what it says of it.
if command -v fish >/dev/null; then
	in_fish() {
		local wanted=$1 line=$2
		printf '%s' "${wanted:+$wanted|}" | tr '|' '\n' >"$scratch/wanted"
		HOME=$scratch XDG_CONFIG_HOME=$scratch XDG_DATA_HOME=$scratch fish --no-config -c '
			source $argv[1]
			complete -C $argv[2]' "$folder/beamscope.fish" "$line" 2>&1 | cut -f 1 >"$scratch/offered"
		same "fish: $line" "$scratch/wanted" "$scratch/offered"
	}
	in_fish 'load|loss' 'beamscope lo'
	in_fish 'load|loss' 'beamscope -m model --ascii --beam=5 lo'
	in_fish 'after|before' 'beamscope --mask '
	in_fish '--mask=after' 'beamscope beam 312 --mask=a'
	in_fish 'greedy' 'beamscope less gre'
	in_fish 'lost.lesson' 'beamscope lesson los'
	in_fish '' 'beamscope beam 3'
	in_fish '--trace' 'beamscope beam 312 --tra'
	in_fish '' 'beamscope score 312 --tra'
	in_fish 'greedy' 'beamscope --trace t.json lesson gre'
	in_fish '' 'beamscope beam --trace lesson gre'
	in_fish '--budget' 'beamscope exact 312 --bu'
	in_fish 'merge' 'beamscope help merg'
	in_fish 'sft,msl' 'beamscope train sft,ms'
	in_fish 'bash|fish|zsh' 'beamscope help --completion '
	in_fish 'two words.csv' 'beamscope load model two'
	in_fish 'shop one/' 'beamscope -d sh'
	in_fish 'shop one/notes' 'beamscope -f script shop\ one/n'
else
	skip "fish" "no fish"
fi
finish
