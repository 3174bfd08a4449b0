/* The smaller and the larger of two numbers of cells. */
#ifndef UI_TUI_MINMAX_H
#define UI_TUI_MINMAX_H

static inline int min(int a, int b)
{
	return a < b ? a : b;
}

static inline int max(int a, int b)
{
	return a > b ? a : b;
}

static inline int clamp(int x, int low, int high)
{
	return x < low ? low : x > high ? high : x;
}

#endif
