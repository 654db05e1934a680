/* crc32c.h - the checksum (Castagnoli) of what lies on disk; by the processor where it can. Any
 * thread. */
#ifndef SF_BASE_CRC32C_H
#define SF_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of size more bytes behind those that gave crc (0: these are the first). */
uint32_t sf_crc32c(uint32_t crc, const void *data, size_t size);

/* The same without the processor's help; for tests and processors that have none. */
uint32_t sf_crc32c_plain(uint32_t crc, const void *data, size_t size);

#endif
