#include "verdict_look.h"

/* What pruning lost stands out; what the model itself ranks low does not. */
const struct verdict_look verdict_looks[SNAP_VERDICTS] = {
	[SNAP_NONE] = {"", "", GLYPH_UNKNOWN, ROLE_TEXT},
	[SNAP_RETRIEVED] = {"retrieved", "retrieved", GLYPH_POSITIVE, ROLE_KEPT},
	[SNAP_PRUNED] = {"pruned", "wrongly pruned", GLYPH_PRUNED, ROLE_PRUNED | STYLE_STRONG},
	[SNAP_OUTRANKED] = {"out-ranked", "out-ranked", GLYPH_NO, ROLE_DIM},
	[SNAP_UNREACHABLE] = {"unreachable", "unreachable", GLYPH_NO, ROLE_DIM},
	[SNAP_UNDECIDED] = {"undecided", "undecided", GLYPH_UNKNOWN, ROLE_DIM},
};

void verdict_look_mark(struct canvas *c, int x, int y, enum snap_verdict v)
{
	if (v != SNAP_NONE)
		canvas_put(c, x, y, verdict_looks[v].style, verdict_looks[v].glyph);
}

void verdict_look_exact(size_t rank, bool proved, struct buf *out)
{
	if (!proved)
		buf_addch(out, '>');
	buf_addcount(out, proved ? rank : rank - 1);
}
