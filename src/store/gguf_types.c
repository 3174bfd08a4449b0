/* The tables of the format's types. */
#include "gguf_types.h"

#include <string.h>

static const struct {
	const char *name;
	size_t width;
} value_types[GGUF_TYPES] = {
	[GGUF_U8] = {"u8", 1},
	[GGUF_I8] = {"i8", 1},
	[GGUF_U16] = {"u16", 2},
	[GGUF_I16] = {"i16", 2},
	[GGUF_U32] = {"u32", 4},
	[GGUF_I32] = {"i32", 4},
	[GGUF_F32] = {"f32", 4},
	[GGUF_BOOL] = {"bool", 1},
	[GGUF_STRING] = {"string", 0},
	[GGUF_ARRAY] = {"array", 0},
	[GGUF_U64] = {"u64", 8},
	[GGUF_I64] = {"i64", 8},
	[GGUF_F64] = {"f64", 8},
};

/* By the file's number. The numbers that are left out were given up by the format. */
static const struct gguf_tensor_type tensor_types[] = {
	[0] = {"F32", 1, 4},
	[1] = {"F16", 1, 2},
	[2] = {"Q4_0", 32, 18},
	[3] = {"Q4_1", 32, 20},
	[6] = {"Q5_0", 32, 22},
	[7] = {"Q5_1", 32, 24},
	[8] = {"Q8_0", 32, 34},
	[9] = {"Q8_1", 32, 36},
	[10] = {"Q2_K", 256, 84},
	[11] = {"Q3_K", 256, 110},
	[12] = {"Q4_K", 256, 144},
	[13] = {"Q5_K", 256, 176},
	[14] = {"Q6_K", 256, 210},
	[15] = {"Q8_K", 256, 292},
	[16] = {"IQ2_XXS", 256, 66},
	[17] = {"IQ2_XS", 256, 74},
	[18] = {"IQ3_XXS", 256, 98},
	[19] = {"IQ1_S", 256, 50},
	[20] = {"IQ4_NL", 32, 18},
	[21] = {"IQ3_S", 256, 110},
	[22] = {"IQ2_S", 256, 82},
	[23] = {"IQ4_XS", 256, 136},
	[24] = {"I8", 1, 1},
	[25] = {"I16", 1, 2},
	[26] = {"I32", 1, 4},
	[27] = {"I64", 1, 8},
	[28] = {"F64", 1, 8},
	[29] = {"IQ1_M", 256, 56},
	[30] = {"BF16", 1, 2},
	[31] = {"Q4_0_4_4", 32, 18},
	[32] = {"Q4_0_4_8", 32, 18},
	[33] = {"Q4_0_8_8", 32, 18},
	[34] = {"TQ1_0", 256, 54},
	[35] = {"TQ2_0", 256, 66},
	[39] = {"MXFP4", 32, 17},
};

const char *gguf_type_name(enum gguf_type type)
{
	return value_types[type].name;
}

size_t gguf_type_width(enum gguf_type type)
{
	return value_types[type].width;
}

const struct gguf_tensor_type *gguf_tensor_type_find(uint32_t number)
{
	return number < ARRAY_LEN(tensor_types) && tensor_types[number].name ? &tensor_types[number] : NULL;
}

enum dtype gguf_tensor_dtype(uint32_t number)
{
	const struct gguf_tensor_type *type = gguf_tensor_type_find(number);
	enum dtype t = 0;

	while (t < DTYPE_COUNT && !(type && strcmp(dtype_name(t), type->name) == 0))
		t++;
	return t;
}

uint32_t gguf_tensor_number(enum dtype t)
{
	for (uint32_t i = 0; i < ARRAY_LEN(tensor_types); i++) {
		if (gguf_tensor_dtype(i) == t)
			return i;
	}
	BUG("tensors of type %s cannot be written to GGUF", dtype_name(t));
}
