/* The two ways in which dtype_widen may go, apart, so that the tests can compare them. */
#ifndef BASE_TENSOR_PRIV_H
#define BASE_TENSOR_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void widen_f16_portable(float *out, const uint16_t *in, size_t n);
void widen_bf16_portable(float *out, const uint16_t *in, size_t n);

bool widen_has_avx2(void); /* and F16C; false on other machines than x86-64 */
void widen_f16_avx2(float *out, const uint16_t *in, size_t n);
void widen_bf16_avx2(float *out, const uint16_t *in, size_t n);

#endif
