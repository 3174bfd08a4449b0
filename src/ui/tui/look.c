#include "look.h"

const struct look looks[ROLE_COUNT] = {
	[ROLE_TEXT] = {-1, 253, -1, -1, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_DIM] = {244, 248, -1, -1, -1, LOOK_PLAIN, LOOK_DIM, LOOK_DIM},
	[ROLE_TITLE] = {-1, 253, -1, -1, -1, LOOK_BOLD, LOOK_BOLD, LOOK_BOLD},
	[ROLE_FRAME] = {242, 246, -1, -1, -1, LOOK_PLAIN, LOOK_DIM, LOOK_DIM},
	[ROLE_HOT] = {172, 221, -1, LOOK_YELLOW, -1, LOOK_BOLD, LOOK_BOLD, LOOK_BOLD},
	[ROLE_KEY] = {-1, 253, -1, -1, -1, LOOK_BOLD, LOOK_BOLD, LOOK_BOLD},
	[ROLE_KEPT] = {33, 117, -1, LOOK_CYAN, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_PRUNED] = {172, 215, -1, LOOK_YELLOW, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_POSITIVE] = {-1, 231, -1, -1, -1, LOOK_BOLD, LOOK_BOLD, LOOK_BOLD},
	[ROLE_CUTOFF] = {166, 209, -1, LOOK_YELLOW, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_ERROR] = {231, 231, 130, LOOK_BLACK, LOOK_YELLOW, LOOK_PLAIN, LOOK_PLAIN, LOOK_REVERSE},
	[ROLE_MATCH] = {-1, 231, -1, -1, -1, LOOK_UNDERLINE, LOOK_UNDERLINE, LOOK_UNDERLINE},
	[ROLE_SERIES_1] = {33, 117, -1, LOOK_CYAN, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_SERIES_1 + 1] = {172, 215, -1, LOOK_YELLOW, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_SERIES_1 + 2] = {36, 79, -1, LOOK_GREEN, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_SERIES_1 + 3] = {169, 218, -1, LOOK_MAGENTA, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_SERIES_1 + 4] = {101, 187, -1, LOOK_OWN, -1, LOOK_PLAIN, LOOK_PLAIN, LOOK_PLAIN},
	[ROLE_SERIES_1 + 5] = {74, 153, -1, LOOK_BLUE, -1, LOOK_PLAIN, LOOK_BOLD, LOOK_PLAIN},
	[ROLE_SERIES_1 + 6] = {166, 209, -1, LOOK_RED, -1, LOOK_PLAIN, LOOK_BOLD, LOOK_PLAIN},
	[ROLE_SERIES_8] = {97, 183, -1, LOOK_OWN, -1, LOOK_PLAIN, LOOK_DIM, LOOK_DIM},
};

const short look_grounds[GROUND_COUNT] = {[GROUND_PLAIN] = -1, [GROUND_BAR] = 236, [GROUND_SELECTED] = 238};

enum look_ground look_ground(unsigned style)
{
	return style & STYLE_SELECTED ? GROUND_SELECTED : style & STYLE_BAR ? GROUND_BAR : GROUND_PLAIN;
}

uint32_t look_rgb(short colour)
{
	static const uint32_t levels[6] = {0, 95, 135, 175, 215, 255};

	if (colour >= 232) { /* greys */
		uint32_t grey = 8 + 10 * (uint32_t)(colour - 232);
		return grey << 16 | grey << 8 | grey;
	}
	uint32_t cube = (uint32_t)colour - 16; /* 6 by 6 by 6 */
	return levels[cube / 36 % 6] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6];
}
