/* Time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

double clock_now(void); /* seconds of a monotonic clock; only differences mean anything */

/* A span for people: "45 s", "3 min 20 s", "2 h 05 min", "3 d 04 h"; "?" where it is not known (NaN) or negative. */
#define CLOCK_SPAN 32
void clock_span(char text[CLOCK_SPAN], double seconds);

#endif
