/*
 * How each role looks: one table for the terminal and for pages that are saved as pictures.
 *
 * Colours are of middle brightness, so that they can be read on a light and on a dark ground; on our own dark grounds
 * (top line, selected row) they are lighter. With 8 or 16 colours the nearest are taken, without colours the attributes
 * alone; marks and words carry the meaning in any case.
 */
#ifndef UI_TUI_LOOK_H
#define UI_TUI_LOOK_H

#include <stdint.h>

#include "canvas.h"

enum look_attr { LOOK_PLAIN = 0, LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDERLINE = 4, LOOK_REVERSE = 8 };

/* The colours that every colour terminal has, by their numbers there. */
enum { LOOK_BLACK, LOOK_RED, LOOK_GREEN, LOOK_YELLOW, LOOK_BLUE, LOOK_MAGENTA, LOOK_CYAN, LOOK_WHITE };

#define LOOK_OWN (-1) /* the terminal's own colour */

struct look {
	short fg256, dark256, bg256; /* of xterm's 256; dark256: on our own grounds */
	short fg8, bg8;
	uint8_t attr, attr8, mono;   /* with 256 colours, with 8 or 16, without; enum look_attr */
};

extern const struct look looks[ROLE_COUNT];

enum look_ground { GROUND_PLAIN, GROUND_BAR, GROUND_SELECTED, GROUND_COUNT };

enum look_ground look_ground(unsigned style);

extern const short look_grounds[GROUND_COUNT]; /* of xterm's 256 */

/* One of xterm's 256 colours from 16 on, whose values are fixed, as 0xrrggbb. */
uint32_t look_rgb(short colour);

#endif
