/* Time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

double clock_now(void); /* seconds of a monotonic clock; only differences mean anything */

#endif
