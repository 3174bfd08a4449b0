/*
 * Putting many things in order by one number each, made from what they are ordered by: a few passes over a flat array
 * instead of n log n looks at the things themselves.
 */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_entry {
	uint64_t key;
	uint32_t at; /* which one it is */
};

/* Sorts n of them by their keys, smallest first; equal keys keep their order. scratch: room for n more. */
void order_sort(struct order_entry *e, size_t n, struct order_entry *scratch);

/* Keys that rise as what they are made of does. Of numbers, the two zeros are one, NaN comes after all others, and
 * ORDER_LAST after NaN; ~key turns the order of the others round. Texts are compared as by strcmp; equal keys say no
 * more than that their first eight bytes are the same. */
#define ORDER_LAST UINT64_MAX
#define ORDER_NAN (ORDER_LAST - 1)

uint64_t order_of_number(double x);
uint64_t order_of_text(const char *text);

#endif
