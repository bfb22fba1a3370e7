#ifndef CCRC32C_H
#define CCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// Extends `crc` (0 for none yet) by `length` bytes. Castagnoli's polynomial, as Kafka's record batches carry it.
/// By the processor's own instruction where it has one.
uint32_t crc32c(uint32_t crc, const void *_Nullable bytes, size_t length);

/// The same without the instruction.
uint32_t crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t length);

#endif
