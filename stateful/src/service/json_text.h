/* json_text.h - the inside of JSON's strings: checked in one pass, unescaped only when needed.
 * Any thread. */
#ifndef SF_SERVICE_JSON_TEXT_H
#define SF_SERVICE_JSON_TEXT_H

#include <stateful/arena.h>
#include <stateful/bytes.h>

typedef struct sf_json_text_scan {
    const uint8_t *at; /* the closing quote; or the byte that is wrong */
    bool has_escapes;
    const char *wrong; /* what is wrong, "a raw control character"; NULL: all is well */
} sf_json_text_scan;

/* The first byte from begin on that does not simply stand for itself: a quote, a backslash, a control
 * character, a byte of 0x80 and above; end if there is none. */
const uint8_t *sf_json_text_plain_end(const uint8_t *begin, const uint8_t *end);

/* Scans from behind the opening quote to the closing one. */
sf_json_text_scan sf_json_text_check(const uint8_t *begin, const uint8_t *end);

/* The text that a scanned inside stands for, in the arena. */
sf_bytes sf_json_text_unescape(sf_bytes inside, sf_arena *arena);

#endif
