#!/usr/bin/env python3
"""Makes blocks.safetensors: blocks of every packed type with the values that they stand for, and values with the blocks
of Q8_0 that they become. Written from the description of the formats; nothing but Python is needed.

A block is read as one long number, from which the bits of value i are cut by their position. All sums are exact in
double precision, since scales are halves, so that the one rounding is that to float32."""

import json
import math
import os
import random
import struct


class Block:
    def __init__(self, data):
        self.number = int.from_bytes(data, "little")

    def bits(self, at, width):
        return self.number >> at & (1 << width) - 1

    def signed_byte(self, at):
        value = self.bits(8 * at, 8)
        return value - 256 if value > 127 else value

    def half(self, at):
        return struct.unpack("<e", struct.pack("<H", self.bits(8 * at, 16)))[0]

    def nibble(self, at, i):
        """Of 32 values in 16 bytes from byte `at` on."""
        return self.bits(8 * (at + i % 16) + 4 * (i // 16), 4)


def q8_0(b, i):
    return b.half(0) * b.signed_byte(2 + i)


def q4_0(b, i):
    return b.half(0) * (b.nibble(2, i) - 8)


def q4_1(b, i):
    return b.half(0) * b.nibble(4, i) + b.half(2)


def q5_0(b, i):
    return b.half(0) * (b.nibble(6, i) + 16 * b.bits(8 * 2 + i, 1) - 16)


def q5_1(b, i):
    return b.half(0) * (b.nibble(8, i) + 16 * b.bits(8 * 4 + i, 1)) + b.half(2)


def scale_of(b, group):
    if group < 4:
        return b.bits(8 * (4 + group), 6)
    return b.bits(8 * (8 + group), 4) + 16 * b.bits(8 * group + 6, 2)


def min_of(b, group):
    if group < 4:
        return b.bits(8 * (8 + group), 6)
    return b.bits(8 * (8 + group) + 4, 4) + 16 * b.bits(8 * (4 + group) + 6, 2)


def q4_k(b, i):
    group, within = divmod(i, 32)
    q = b.bits(8 * (16 + 32 * (group // 2) + within) + 4 * (group % 2), 4)
    return b.half(0) * scale_of(b, group) * q - b.half(2) * min_of(b, group)


def q5_k(b, i):
    group, within = divmod(i, 32)
    q = b.bits(8 * (48 + 32 * (group // 2) + within) + 4 * (group % 2), 4) + 16 * b.bits(8 * (16 + within) + group, 1)
    return b.half(0) * scale_of(b, group) * q - b.half(2) * min_of(b, group)


def q6_k(b, i):
    upper, (quarter, within) = i // 128, divmod(i % 128, 32)
    low = b.bits(8 * (64 * upper + 32 * (quarter % 2) + within) + 4 * (quarter // 2), 4)
    high = b.bits(8 * (128 + 32 * upper + within) + 2 * quarter, 2)
    return b.half(208) * b.signed_byte(192 + i // 16) * (low + 16 * high - 32)


# name: values and bytes of a block, where its halves stand, a value by its index
TYPES = {
    "Q8_0": (32, 34, (0,), q8_0),
    "Q4_0": (32, 18, (0,), q4_0),
    "Q4_1": (32, 20, (0, 2), q4_1),
    "Q5_0": (32, 22, (0,), q5_0),
    "Q5_1": (32, 24, (0, 2), q5_1),
    "Q4_K": (256, 144, (0, 2), q4_k),
    "Q5_K": (256, 176, (0, 2), q5_k),
    "Q6_K": (256, 210, (208,), q6_k),
}

# Zeros, the least and the largest subnormals and normals, one, infinities and what is not a number.
HALVES = (0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00)


def blocks(rng, size, halves):
    """Every special half once in each place, then ordinary ones; the rest any bits, all zeros and all ones too."""
    for i in range(len(HALVES) * len(halves) + 20):
        data = bytearray(rng.randbytes(size))
        if i % 8 == 6:
            data = bytearray(size)
        if i % 8 == 7:
            data = bytearray(b"\xff" * size)
        for n, at in enumerate(halves):
            special = i - n * len(HALVES)
            half = rng.randrange(0x1000, 0x4000) | rng.choice((0, 0x8000))
            if 0 <= special < len(HALVES):
                half = HALVES[special]
            data[at:at + 2] = struct.pack("<H", half)
        yield bytes(data)


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def away(value):
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def make_q8_0(values):
    d = f32(max(abs(v) for v in values) / 127)
    by = f32(1 / d) if d else 0.0
    return struct.pack("<e32b", d, *(away(f32(v * by)) for v in values))


def q8_0_inputs(rng):
    yield [0.0] * 32
    yield [-0.0] * 31 + [f32(1e-30)]
    # Scale 1: halves between two integers, of both signs.
    yield [127.0] + [(-1) ** i * (i + 0.5) for i in range(31)]
    yield [-127.0] + [126.5 - i for i in range(31)]
    yield [f32(8321039.5)] + [f32(rng.gauss(0, 1e6)) for _ in range(31)]
    for i in range(40):
        scale = 10.0 ** rng.uniform(-9, 6)
        yield [f32(max(-8e6, min(8e6, rng.gauss(0, scale)))) for _ in range(32)]


def write(path, tensors):
    header, body = {}, b""
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def main():
    rng = random.Random(7)
    floats, raw = [], []
    for name, (values, size, halves, value) in TYPES.items():
        data = list(blocks(rng, size, halves))
        wide = [value(Block(block), i) for block in data for i in range(values)]
        floats.append((name + ".values", "F32", [len(data), values], struct.pack("<%df" % len(wide), *wide)))
        raw.append((name + ".blocks", "U8", [len(data), size], b"".join(data)))
    inputs = list(q8_0_inputs(rng))
    flat = [v for block in inputs for v in block]
    floats.append(("narrow.values", "F32", [len(inputs), 32], struct.pack("<%df" % len(flat), *flat)))
    raw.append(("narrow.blocks", "U8", [len(inputs), 34], b"".join(make_q8_0(block) for block in inputs)))
    write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "blocks.safetensors"), floats + raw)


main()
