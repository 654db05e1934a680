/* json_reader.h - reads JSON strictly, in one pass, without a tree, straight into the caller's structs.
 *
 *     static const sf_json_member members[] = {SF_JSON_REQUIRED("id"), SF_JSON_OPTIONAL("name")};
 *     sf_json_object object;
 *     int member;
 *
 *     sf_json_read_object(json, &object, members, SF_ARRAY_LENGTH(members));
 *     while ((member = sf_json_next_member(json, &object)) >= 0) {
 *         if (member == 0)
 *             sf_json_read_id(json, &id);
 *         else
 *             sf_json_read_text(json, (sf_json_bounds){1, 255}, &name);
 *     }
 *     status = sf_json_read_end(json, err);
 *
 * Accepts RFC 8259 within RFC 7493: a name twice in one object, \u0000, lone surrogates,
 * noncharacters, invalid UTF-8, raw control characters, a byte order mark, 01, 1., 1e400, trailing
 * bytes, more than 32 levels and more than 256 unknown members of one object are refused. Unknown
 * members are checked and skipped; so is what the caller does not read.
 *
 * Two kinds of errors are kept, each with a JSON pointer and a sentence. A wrong value (a missing
 * member, a text where a number is due, out of bounds) is noted, skipped, and reading goes on, so that
 * a client learns all of them at once. After broken JSON every call does nothing and says false, and
 * loops end. So a caller reads to the end without looking, then asks sf_json_read_end once; what it
 * read counts only if that says SF_OK. Loops over members and items must be run to their end.
 *
 * Nothing is allocated but in the arena, and there only for texts with escapes, more than a few
 * unknown members, and errors. What is read points into the input or the arena. One thread.
 */
#ifndef SF_SERVICE_JSON_READER_H
#define SF_SERVICE_JSON_READER_H

#include <stateful/arena.h>
#include <stateful/bytes.h>
#include <stateful/error.h>

#include "service/money.h"

/* The largest integer every JSON reader holds exactly (2^53 - 1), and so the largest id. */
#define SF_JSON_ID_MAX INT64_C(9007199254740991)

#define SF_JSON_DEPTH_MAX 32
#define SF_JSON_MEMBERS_MAX 64 /* in one table of known members */

/* A member the caller knows. */
typedef struct sf_json_member {
    const char *name;
    size_t size; /* of name, in bytes */
    bool is_required;
} sf_json_member;

#define SF_JSON_REQUIRED(literal)            \
    {                                        \
        (literal), sizeof(literal) - 1, true \
    }
#define SF_JSON_OPTIONAL(literal)             \
    {                                         \
        (literal), sizeof(literal) - 1, false \
    }

typedef enum sf_json_kind {
    SF_JSON_NOTHING, /* the end of the input, or broken */
    SF_JSON_NULL,
    SF_JSON_BOOLEAN,
    SF_JSON_NUMBER,
    SF_JSON_TEXT,
    SF_JSON_ARRAY,
    SF_JSON_OBJECT,
} sf_json_kind;

/* Both ends are allowed. */
typedef struct sf_json_bounds {
    int64_t least;
    int64_t most;
} sf_json_bounds;

typedef struct sf_json_error {
    const char *pointer; /* RFC 6901, "/items/0/quantity"; "" is the whole document */
    const char *text;    /* "must be at least 1, is -2" */
} sf_json_error;

/* Where we are: an object or array that is open. Its insides are the reader's. */
typedef struct sf_json_frame {
    struct sf_json_frame *outer;
    sf_bytes name; /* of the present member, unescaped; null in an array */
    size_t index;  /* of the present item, from 0; the first is still to come when SIZE_MAX */
    bool has_begun;
} sf_json_frame;

enum { SF_JSON_NAMES_INLINE = 8 };

typedef struct sf_json_object {
    sf_json_frame frame;
    const sf_json_member *members;
    size_t member_count;
    size_t expected; /* the member that probably comes next */
    uint64_t seen;   /* a bit a known member */
    sf_bytes *unknown;
    size_t unknown_count;
    size_t unknown_room;
    sf_bytes unknown_inline[SF_JSON_NAMES_INLINE];
} sf_json_object;

typedef struct sf_json_array {
    sf_json_frame frame;
} sf_json_array;

typedef struct sf_json_reader {
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    sf_arena *arena;      /* borrowed */
    sf_json_frame *frame; /* the innermost open one */
    sf_json_error *errors;
    size_t error_count;
    unsigned depth;
    bool value_is_due; /* a member or item was announced and is not read yet */
    bool is_broken;
} sf_json_reader;

/* Text and arena are borrowed until the last call and as long as what was read is in use. */
void sf_json_reader_init(sf_json_reader *json, sf_bytes text, sf_arena *arena);

/* What comes next; nothing is consumed. */
sf_json_kind sf_json_peek(sf_json_reader *json);

/* Begins an object. members (borrowed, up to SF_JSON_MEMBERS_MAX) are fastest found when they come in
 * this order. False: it is no object; it was skipped and noted, and the loop ends at once. */
bool sf_json_read_object(sf_json_reader *json, sf_json_object *object,
                         const sf_json_member *members, size_t member_count);

/* Goes to the next known member and returns its index; its value is then to be read. Negative at the
 * end; required members that did not come are noted then. */
int sf_json_next_member(sf_json_reader *json, sf_json_object *object);

/* Whether the known member has come; to be asked after the end. */
bool sf_json_has_member(const sf_json_object *object, int member);

/* The same for an array: begins it; goes to the next item, false at the end. array->frame.index is
 * the item's index. */
bool sf_json_read_array(sf_json_reader *json, sf_json_array *array);
bool sf_json_next_item(sf_json_reader *json, sf_json_array *array);

/* Reads a value. False: it is another kind or out of bounds; it was skipped and noted, and nothing
 * is written. A whole number may be written as 2, 2.0 or 20e-1. */
bool sf_json_read_integer(sf_json_reader *json, sf_json_bounds bounds, int64_t *value);
bool sf_json_read_boolean(sf_json_reader *json, bool *value);

/* An integer from 1 to SF_JSON_ID_MAX. */
bool sf_json_read_id(sf_json_reader *json, int64_t *id);

/* A text, unescaped, without a NUL behind it, of so many code points. */
bool sf_json_read_text(sf_json_reader *json, sf_json_bounds code_points, sf_bytes *text);

/* A text of one line: white space around it is trimmed, control characters are refused, so many code
 * points are left. It is a copy in the arena with a NUL behind it. */
bool sf_json_read_line(sf_json_reader *json, sf_json_bounds code_points, sf_bytes *line);

/* An amount as a number or as a decimal in a text, with bounds in minor units. */
bool sf_json_read_money(sf_json_reader *json, int exponent, sf_json_bounds minor, sf_money *money);

/* A text in the form of timestamp.h. */
bool sf_json_read_timestamp(sf_json_reader *json, int64_t *time_ms);

/* The token of a number as it stands in the input. */
bool sf_json_read_number(sf_json_reader *json, sf_bytes *token);

/* Consumes a null and says true; anything else is left to be read, and is no error. */
bool sf_json_read_null(sf_json_reader *json);

/* Checks and skips any value; raw (may be NULL) is what it looks like. False: broken. */
bool sf_json_skip(sf_json_reader *json, sf_bytes *raw);

/* Notes an error of the caller's own about the member or item just read. Goes on. */
void sf_json_note(sf_json_reader *json, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* To be called when all is read: nothing but white space may follow. SF_OK, or SF_REJECT with the
 * first error as "/items/0/quantity: must be …". */
sf_status sf_json_read_end(sf_json_reader *json, sf_error *err);

#endif
