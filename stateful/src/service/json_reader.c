/* json_reader.c - the structure: objects, arrays, names, skipping, and what is remembered of names.
 *
 *   1 at always stands on something not yet consumed, and never beyond end.
 *   2 value_is_due: a value was announced (the document, a member behind its colon, an item) and is
 *     not consumed. Whoever goes on to the next member or item skips it first.
 *   3 frames are a chain through the callers' stacks, innermost first; a frame leaves it at its
 *     closing bracket. Once is_broken is set the chain is not touched any more, since loops that end
 *     early take their frames with them.
 */
#include "service/json_reader_implementation.h"

#include <string.h>

#include "service/decimal.h"
#include "service/json_text.h"

/* Numbers of so few bytes are moderate: 9e99. */
enum { PLAIN_NUMBER_MAX = 4, UNKNOWN_MAX = 256, NAME_SHOWN_MAX = 64 };

void sf_json_reader_init(sf_json_reader *json, sf_bytes text, sf_arena *arena)
{
    memset(json, 0, sizeof(*json));
    json->begin = text.size ? text.data : (const uint8_t *)"";
    json->at = json->begin;
    json->end = json->begin + text.size;
    json->arena = arena;
    json->value_is_due = true;
}

static inline void skip_space(sf_json_reader *json)
{
    while (json->at < json->end && *json->at <= ' ' &&
           (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t'))
        json->at++;
}

/* The byte that comes next, behind white space; 0 (which no JSON has there) at the end. */
static inline uint8_t next_byte(sf_json_reader *json)
{
    if (json->at<json->end && * json->at> ' ')
        return *json->at;
    skip_space(json);
    return json->at < json->end ? *json->at : 0;
}

/* The kind of value that begins with a byte. */
static const uint8_t kinds[256] = {
    ['{'] = SF_JSON_OBJECT,  ['['] = SF_JSON_ARRAY,   ['"'] = SF_JSON_TEXT,
    ['t'] = SF_JSON_BOOLEAN, ['f'] = SF_JSON_BOOLEAN, ['n'] = SF_JSON_NULL,
    ['-'] = SF_JSON_NUMBER,  ['0'] = SF_JSON_NUMBER,  ['1'] = SF_JSON_NUMBER,
    ['2'] = SF_JSON_NUMBER,  ['3'] = SF_JSON_NUMBER,  ['4'] = SF_JSON_NUMBER,
    ['5'] = SF_JSON_NUMBER,  ['6'] = SF_JSON_NUMBER,  ['7'] = SF_JSON_NUMBER,
    ['8'] = SF_JSON_NUMBER,  ['9'] = SF_JSON_NUMBER,
};

static inline sf_json_kind peek(sf_json_reader *json)
{
    if (json->is_broken || !json->value_is_due)
        return SF_JSON_NOTHING;
    return (sf_json_kind)kinds[next_byte(json)];
}

sf_json_kind sf_json_peek(sf_json_reader *json)
{
    return peek(json);
}

static bool break_without_value(sf_json_reader *json)
{
    if (json->at == json->begin && json->end - json->at >= 3 &&
        !memcmp(json->at, "\xef\xbb\xbf", 3))
        sf_json_reader_fail(json, "a byte order mark stands before the JSON text");
    else
        sf_json_reader_break(json, "a value");
    return false;
}

static const char *name_of(sf_json_kind kind)
{
    static const char *const names[] = {
        [SF_JSON_NOTHING] = "nothing",  [SF_JSON_NULL] = "null",   [SF_JSON_BOOLEAN] = "a boolean",
        [SF_JSON_NUMBER] = "a number",  [SF_JSON_TEXT] = "a text", [SF_JSON_ARRAY] = "an array",
        [SF_JSON_OBJECT] = "an object",
    };

    return names[kind];
}

bool sf_json_reader_begin(sf_json_reader *json, sf_json_kind wanted, const char *what)
{
    sf_json_kind kind = peek(json);

    if (kind == wanted) {
        json->value_is_due = false;
        return true;
    }
    if (json->is_broken || !json->value_is_due)
        return false;
    if (kind == SF_JSON_NOTHING)
        return break_without_value(json);
    if (sf_json_skip(json, NULL))
        sf_json_note(json, "must be %s, is %s", what, name_of(kind));
    return false;
}

/* A text with something in it that does not stand for itself. */
static bool take_odd_text(sf_json_reader *json, sf_bytes *text)
{
    const uint8_t *begin = json->at + 1;
    sf_json_text_scan scan = sf_json_text_check(begin, json->end);

    if (scan.wrong)
        return sf_json_reader_fail(json, "%s at byte %zu", scan.wrong,
                                   (size_t)(scan.at - json->begin));
    *text = sf_bytes_of(begin, (size_t)(scan.at - begin));
    if (scan.has_escapes)
        *text = sf_json_text_unescape(*text, json->arena);
    json->at = scan.at + 1;
    return true;
}

static inline bool take_text(sf_json_reader *json, sf_bytes *text)
{
    const uint8_t *begin = json->at + 1;
    const uint8_t *end = sf_json_text_plain_end(begin, json->end);

    if (end == json->end || *end != '"')
        return take_odd_text(json, text);
    *text = sf_bytes_of(begin, (size_t)(end - begin));
    json->at = end + 1;
    return true;
}

bool sf_json_reader_take_text(sf_json_reader *json, sf_bytes *text)
{
    return take_text(json, text);
}

bool sf_json_reader_take_number(sf_json_reader *json, sf_bytes *token)
{
    size_t size = sf_decimal_token_size(json->at, (size_t)(json->end - json->at));

    if (!size)
        return sf_json_reader_break(json, "a complete number");
    *token = sf_bytes_of(json->at, size);
    if (size > PLAIN_NUMBER_MAX && !sf_decimal_is_moderate(*token)) {
        return sf_json_reader_fail(json, "a number that is too large at byte %zu",
                                   (size_t)(json->at - json->begin));
    }
    json->at += size;
    return true;
}

/* Puts a frame on the chain, behind its opening bracket. */
static bool open_frame(sf_json_reader *json, sf_json_frame *frame)
{
    if (json->depth == SF_JSON_DEPTH_MAX) {
        return sf_json_reader_fail(json, "more than %d levels at byte %zu", SF_JSON_DEPTH_MAX,
                                   (size_t)(json->at - json->begin));
    }
    json->at++;
    json->depth++;
    frame->outer = json->frame;
    frame->name = SF_NULL;
    frame->index = SIZE_MAX;
    frame->has_begun = false;
    json->frame = frame;
    return true;
}

static void close_frame(sf_json_reader *json)
{
    json->at++;
    json->depth--;
    json->frame = json->frame->outer;
}

bool sf_json_read_object(sf_json_reader *json, sf_json_object *object,
                         const sf_json_member *members, size_t member_count)
{
    object->members = members;
    object->member_count = member_count;
    object->expected = 0;
    object->seen = 0;
    object->unknown = object->unknown_inline;
    object->unknown_count = 0;
    object->unknown_room = SF_JSON_NAMES_INLINE;
    return sf_json_reader_begin(json, SF_JSON_OBJECT, "an object") &&
           open_frame(json, &object->frame);
}

static void note_missing(sf_json_reader *json, sf_json_object *object)
{
    object->frame.has_begun = true;
    for (size_t i = 0; i < object->member_count; i++) {
        const sf_json_member *member = &object->members[i];

        if (!member->is_required || object->seen >> i & 1)
            continue;
        object->frame.name = sf_bytes_of(member->name, member->size);
        sf_json_note(json, "is missing");
    }
}

static inline bool is_same(sf_bytes a, sf_bytes b)
{
    return a.size == b.size && !memcmp(a.data, b.data, a.size);
}

/* The index of a known member, negative for others. The one after the last found is tried first. */
static int find_member(sf_json_object *object, sf_bytes name)
{
    size_t index = object->expected;

    for (size_t i = 0; i < object->member_count; i++, index++) {
        if (index >= object->member_count)
            index = 0;
        const sf_json_member *member = &object->members[index];

        if (is_same(sf_bytes_of(member->name, member->size), name)) {
            object->expected = index + 1;
            return (int)index;
        }
    }
    return -1;
}

static bool break_twice(sf_json_reader *json, sf_bytes name)
{
    return sf_json_reader_fail(json, "the name '%.*s' stands twice in one object",
                               (int)(name.size < NAME_SHOWN_MAX ? name.size : NAME_SHOWN_MAX),
                               (const char *)name.data);
}

static void grow_unknown(sf_json_reader *json, sf_json_object *object)
{
    sf_bytes *grown = sf_arena_alloc(json->arena, 2 * object->unknown_room * sizeof(*grown));

    memcpy(grown, object->unknown, object->unknown_count * sizeof(*grown));
    object->unknown = grown;
    object->unknown_room *= 2;
}

static bool remember_unknown(sf_json_reader *json, sf_json_object *object, sf_bytes name)
{
    for (size_t i = 0; i < object->unknown_count; i++)
        if (is_same(object->unknown[i], name))
            return break_twice(json, name);
    if (object->unknown_count == UNKNOWN_MAX) {
        return sf_json_reader_fail(json, "more than %d unknown members in one object", UNKNOWN_MAX);
    }
    if (object->unknown_count == object->unknown_room)
        grow_unknown(json, object);
    object->unknown[object->unknown_count++] = name;
    return true;
}

/* Goes over the comma (or nothing, before the first) to the next member or item. False: the end. */
static inline bool next_in_frame(sf_json_reader *json, char closing, const char *expected)
{
    uint8_t byte;

    if (json->value_is_due && !sf_json_skip(json, NULL))
        return false;
    byte = next_byte(json);
    if (byte == (uint8_t)closing)
        return false;
    if (!json->frame->has_begun)
        return true;
    if (byte != ',')
        return sf_json_reader_break(json, expected);
    json->at++;
    return true;
}

static inline bool take_name(sf_json_reader *json, sf_bytes *name)
{
    if (next_byte(json) != '"')
        return sf_json_reader_break(json, "a name in quotes");
    if (!take_text(json, name))
        return false;
    if (next_byte(json) != ':')
        return sf_json_reader_break(json, "':'");
    json->at++;
    return true;
}

/* Reads names until a known one: its index; -1 for an unknown one that is skipped, -2 at the end. */
static int step_to_member(sf_json_reader *json, sf_json_object *object)
{
    sf_bytes name;
    int member;

    if (!next_in_frame(json, '}', "',' or '}'") || !take_name(json, &name))
        return -2;
    object->frame.name = name;
    object->frame.has_begun = true;
    member = find_member(object, name);
    json->value_is_due = true;
    if (member < 0)
        return remember_unknown(json, object, name) && sf_json_skip(json, NULL) ? -1 : -2;
    if (object->seen >> member & 1) {
        break_twice(json, name);
        return -2;
    }
    object->seen |= UINT64_C(1) << member;
    return member;
}

int sf_json_next_member(sf_json_reader *json, sf_json_object *object)
{
    int member;

    if (json->is_broken || json->frame != &object->frame)
        return -1;
    do
        member = step_to_member(json, object);
    while (member == -1);
    if (member >= 0)
        return member;
    if (!json->is_broken) {
        note_missing(json, object);
        close_frame(json);
    }
    return -1;
}

bool sf_json_has_member(const sf_json_object *object, int member)
{
    return object->seen >> member & 1;
}

bool sf_json_read_array(sf_json_reader *json, sf_json_array *array)
{
    return sf_json_reader_begin(json, SF_JSON_ARRAY, "an array") && open_frame(json, &array->frame);
}

bool sf_json_next_item(sf_json_reader *json, sf_json_array *array)
{
    if (json->is_broken || json->frame != &array->frame)
        return false;
    if (next_in_frame(json, ']', "',' or ']'")) {
        array->frame.index++;
        array->frame.has_begun = true;
        json->value_is_due = true;
        return true;
    }
    if (!json->is_broken)
        close_frame(json);
    return false;
}

static bool take_word(sf_json_reader *json, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(json->end - json->at) < size || memcmp(json->at, word, size))
        return sf_json_reader_break(json, "true, false or null");
    json->at += size;
    return true;
}

static void skip_object(sf_json_reader *json)
{
    sf_json_object object;

    if (sf_json_read_object(json, &object, NULL, 0))
        while (sf_json_next_member(json, &object) >= 0)
            continue;
}

static void skip_array(sf_json_reader *json)
{
    sf_json_array array;

    if (sf_json_read_array(json, &array))
        while (sf_json_next_item(json, &array))
            continue;
}

bool sf_json_skip(sf_json_reader *json, sf_bytes *raw)
{
    sf_json_kind kind = peek(json);
    const uint8_t *begin = json->at;
    sf_bytes ignored;

    if (json->is_broken || !json->value_is_due)
        return false;
    if (kind == SF_JSON_NOTHING)
        return break_without_value(json);
    if (kind == SF_JSON_OBJECT)
        skip_object(json);
    else if (kind == SF_JSON_ARRAY)
        skip_array(json);
    else if (kind == SF_JSON_TEXT)
        (void)sf_json_reader_take_text(json, &ignored); /* is_broken tells, below */
    else if (kind == SF_JSON_NUMBER)
        (void)sf_json_reader_take_number(json, &ignored);
    else
        (void)take_word(json, *json->at == 't' ? "true" : *json->at == 'f' ? "false" : "null");
    json->value_is_due = false;
    if (raw && !json->is_broken)
        *raw = sf_bytes_of(begin, (size_t)(json->at - begin));
    return !json->is_broken;
}

bool sf_json_read_boolean(sf_json_reader *json, bool *value)
{
    bool is_true;

    if (!sf_json_reader_begin(json, SF_JSON_BOOLEAN, "true or false"))
        return false;
    is_true = *json->at == 't';
    if (!take_word(json, is_true ? "true" : "false"))
        return false;
    *value = is_true;
    return true;
}

bool sf_json_read_null(sf_json_reader *json)
{
    if (sf_json_peek(json) != SF_JSON_NULL)
        return false;
    json->value_is_due = false;
    return take_word(json, "null");
}

sf_status sf_json_read_end(sf_json_reader *json, sf_error *err)
{
    const sf_json_error *first;

    if (!json->is_broken && json->value_is_due)
        (void)sf_json_skip(json, NULL); /* is_broken tells, below */
    if (!json->is_broken && next_byte(json))
        sf_json_reader_break(json, "nothing more");
    if (!json->is_broken && json->at != json->end)
        sf_json_reader_break(json, "nothing more"); /* a NUL byte */
    if (!json->error_count)
        return SF_OK;
    first = &json->errors[json->is_broken ? json->error_count - 1 : 0];
    if (!*first->pointer)
        return sf_reject(err, "%s", first->text);
    return sf_reject(err, "%s: %s", first->pointer, first->text);
}
