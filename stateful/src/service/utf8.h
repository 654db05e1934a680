/* utf8.h - code points as bytes, strictly: no overlong forms, no surrogates, none above U+10FFFF.
 * Any thread. */
#ifndef SF_SERVICE_UTF8_H
#define SF_SERVICE_UTF8_H

#include <stateful/bytes.h>

/* The size in bytes of the code point that begins at data; 0 if none does. */
size_t sf_utf8_decode(const uint8_t *data, size_t size, uint32_t *code_point);

/* Writes a code point (up to 4 bytes) and returns its size. */
size_t sf_utf8_encode(uint32_t code_point, uint8_t *to);

bool sf_utf8_is_valid(sf_bytes text);

/* How many code points; text must be valid. */
size_t sf_utf8_count(sf_bytes text);

/* C0, DEL, C1 and the two line separators: what has no place in one line of text. */
bool sf_utf8_is_control(uint32_t code_point);

/* Never a character, by Unicode: U+FDD0 to U+FDEF and the last two of each plane. */
bool sf_utf8_is_noncharacter(uint32_t code_point);

#endif
