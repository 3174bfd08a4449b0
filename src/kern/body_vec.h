/* Read by each isa_*.c before its vector primitives. Set are ISA, VL (floats a vector), TILE_X (rows
 * of x that fit the registers beside four of w) and PRODUCT_ROWS. */
#define INLINE static inline __attribute__((always_inline))

/* Loops over a tile's registers: sums stay in registers only when these are unrolled to the end. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define STRING2(a) #a
#define STRING(a) STRING2(a)

typedef uint32_t vu __attribute__((vector_size(4 * VL)));
typedef int32_t vi __attribute__((vector_size(4 * VL)));
