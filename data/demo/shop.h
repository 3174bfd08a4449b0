/*
 * The demo's shop: an invented dealer in artists' materials, its makers and what they make. Every name is made up.
 *
 * A line is one product in many variants (a paint in its colours), and all its titles begin alike. An accessory stands
 * alone, and mostly no other title begins with its maker's name.
 */
#ifndef DATA_DEMO_SHOP_H
#define DATA_DEMO_SHOP_H

#include <stddef.h>

enum interest {
	WATERCOLOUR,
	PAINTING,
	LETTERING,
	DRAWING,
	PASTEL,
	PRINTING,
	N_INTERESTS
};

struct line {
	const char *product;         /* "Halden Studio Watercolour Half Pan" */
	const char *const *variants; /* "Cobalt Blue", …; the popular ones first */
	size_t n;                    /* variants that it comes in: the first n */
	enum interest interest;
	double weight; /* popularity of the whole line */
};

struct accessory {
	const char *title;
	enum interest interest; /* those of one interest stand together, the popular ones first */
};

extern const struct line shop_lines[];
extern const size_t shop_n_lines;
extern const struct accessory shop_accessories[];
extern const size_t shop_n_accessories;

#endif
