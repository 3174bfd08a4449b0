/* What charts are made of on a screen: the choices of the option 'graph', in its order. */
#ifndef UI_TUI_GRAPH_H
#define UI_TUI_GRAPH_H

enum graph_kind {
	GRAPH_AUTO,    /* ASCII on a canvas that is ASCII, and on the kernel's console; else braille */
	GRAPH_BRAILLE, /* 2 by 4 dots a cell */
	GRAPH_BLOCK,   /* 2 by 2 dots a cell, for fonts without braille */
	GRAPH_ASCII    /* a character a cell */
};

#endif
