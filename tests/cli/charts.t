# export margins and export curves: pictures that any reader of SVG takes, and refusals that leave the old file alone.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to look at the pictures"
cd "$scratch" || exit 99

# sound NAME FILE TITLE…: well-formed, no script, nothing from elsewhere, every number finite, with these titles.
cat >sound.py <<'END'
import re, sys
import xml.etree.ElementTree as ET
tree = ET.parse(sys.argv[1])
for e in tree.iter():
    assert e.tag.endswith(("svg", "rect", "path", "text", "title", "desc", "g")), e.tag
    for name, value in e.attrib.items():
        assert "href" not in name and "url(" not in value, value
        assert not re.search(r"nan|inf", value), value
texts = [e.text for e in tree.iter() if e.tag.endswith("text")]
for title in sys.argv[2:]:
    assert title in texts, (title, texts)
END
sound() {
	name=$1
	shift
	python3 sound.py "$@" >why 2>&1
	ok $? "$name"
}

succeeds "the margins of a case" -c 'beam 312' -c 'export margins m.svg'
holds "says what it wrote" "m.svg: margins and ranks of case 312"
sound "the picture is sound" m.svg "Margins by step" "Ranks by step" "had it stayed" "cut-off at B"
cp m.svg first.svg
succeeds "the curves of a race" -c 'train sft,bear --steps 4 --batch 2 --eval-cases 5' -c 'export curves c.svg'
holds "says what they are of" "c.svg: curves of 2 objectives, 4 steps"
sound "the picture of the race is sound" c.svg "Loss by step" "sft" "bear"

fails "no search is open" 1 "run 'beam CASE' first" export margins m.svg
fails "there was no race" 1 "run 'train' before it" export curves m.svg
fails "no picture" 2 "end it with .json, .csv, .svg or .html" export margins m.png
fails "a report's options" 2 "'export margins' takes no --worst" export margins m.svg --worst 3
same "after failures the old picture stands" first.svg m.svg
finish
