// CRC-32C in C, because Swift has no way to ask for one machine instruction in one function.
//
// The instruction takes 8 bytes, has a latency of three cycles and can start every cycle; so long inputs are cut into
// three lanes that run side by side, and the lanes are joined by multiplying with a power of x over GF(2).

#include "CCRC32C.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define INSTRUCTION __attribute__((target("sse4.2")))
#define STEP64(crc, word) ((uint32_t)_mm_crc32_u64((crc), (word)))
#define STEP8(crc, byte) (_mm_crc32_u8((crc), (byte)))
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__)
#include <arm_acle.h>
#define INSTRUCTION __attribute__((target("crc")))
#define STEP64(crc, word) (__crc32cd((crc), (word)))
#define STEP8(crc, byte) (__crc32cb((crc), (byte)))
#if defined(__linux__)
#include <sys/auxv.h>
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }
#else
static int has_instruction(void) { return 1; }
#endif
#endif

#define POLYNOMIAL 0x82f63b78u // lowest power first

#if defined(INSTRUCTION)
#define LANE 2048
/// x to the power of 8 * LANE, modulo the polynomial.
#define LANE_SHIFT 0xd65762au

/// The product of two polynomials, modulo the polynomial. The top bit is the power 0.
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (int bit = 31; bit >= 0; bit--) {
        product ^= b & (0u - ((a >> bit) & 1));
        b = (b >> 1) ^ (POLYNOMIAL & (0u - (b & 1)));
    }
    return product;
}

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

INSTRUCTION static uint32_t crc32c_instruction(uint32_t crc, const uint8_t *bytes, size_t length) {
    crc = ~crc;
    while (length >= 3 * LANE) {
        uint32_t first = crc, second = 0, third = 0;
        for (size_t at = 0; at < LANE; at += 8) {
            first = STEP64(first, load64(bytes + at));
            second = STEP64(second, load64(bytes + LANE + at));
            third = STEP64(third, load64(bytes + 2 * LANE + at));
        }
        crc = multiply(multiply(first, LANE_SHIFT) ^ second, LANE_SHIFT) ^ third;
        bytes += 3 * LANE;
        length -= 3 * LANE;
    }
    for (; length >= 8; bytes += 8, length -= 8) crc = STEP64(crc, load64(bytes));
    for (; length > 0; bytes++, length--) crc = STEP8(crc, *bytes);
    return ~crc;
}
#endif

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    const uint8_t *next = bytes;
    crc = ~crc;
    for (; length > 0; next++, length--) {
        crc ^= *next;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0u - (crc & 1)));
    }
    return ~crc;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t length) {
#if defined(INSTRUCTION)
    if (has_instruction()) return crc32c_instruction(crc, bytes, length);
#endif
    return crc32c_portable(crc, bytes, length);
}
