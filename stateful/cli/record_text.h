/* record_text.h - keys and values as texts, and back: how bytes of a topic are shown and typed. Any thread.
 */
#ifndef STATEFUL_CLI_RECORD_TEXT_H
#define STATEFUL_CLI_RECORD_TEXT_H

#include <stateful/arena.h>
#include <stateful/bytes.h>
#include <stateful/error.h>

#include "base/buffer.h"

typedef enum text_form {
    TEXT_PLAIN,  /* UTF-8 as it is */
    TEXT_HEX,    /* two digits a byte */
    TEXT_BASE64, /* RFC 4648, padded */
    TEXT_INT64,  /* 8 bytes, big-endian, as a decimal number (sf_int64_serde) */
} text_form;

/* Their names in the same order, NULL behind them. */
extern const char *const text_form_names[];

/* Appends bytes in that form; bytes that have none (no 8 bytes for a number) as hex after "0x". */
void record_text_add(sf_buffer *text, sf_bytes bytes, text_form form);

/* The bytes that a text stands for, in the arena. SF_REJECT with a sentence that begins with the text. */
sf_status record_text_parse(const char *text, text_form form, sf_arena *arena, sf_bytes *bytes,
                            sf_error *err);

#endif
