#include "conformance/spec_where.h"

#include <strings.h>

#include <stateful/windowed.h>

#include "conformance/spec_json.h"

sf_status spec_where_read(const cJSON *json, const char *what, spec_key_type key, spec_type value,
                          spec_where *where, sf_error *err)
{
    int fn = 0;
    int of = 0;
    spec_type type;
    sf_status status = spec_fields(json, what, "fn of", "text", err);

    *where = (spec_where){.key = key, .value = value};
    if (!status)
        status = spec_read_word(json, "fn", "even equals_ignore_case", &fn, err);
    if (!status)
        status = spec_read_word(json, "of", "key value", &of, err);
    if (!status)
        status = spec_fields(json, what, fn == WHERE_EVEN ? "fn of" : "fn of text", "", err);
    if (!status)
        status = spec_read_text(json, "text", &where->text, err);
    where->fn = (spec_where_fn)fn;
    where->is_of_key = of == 0;
    type = where->is_of_key ? key.type : value;
    if (!status && (fn == WHERE_EVEN ? type != SPEC_INT && type != SPEC_LONG : type != SPEC_STRING))
        status = sf_fail(err, SF_INVALID, "%s: the predicate does not work on %s", what,
                         spec_type_name(type));
    return status;
}

static bool equals_ignore_case(sf_bytes text, sf_bytes other)
{
    return text.size == other.size &&
           !strncasecmp((const char *)text.data, (const char *)other.data, text.size);
}

bool spec_where_holds(void *user, const sf_record *record)
{
    const spec_where *where = user;
    sf_bytes item = where->is_of_key ? record->key : record->value;

    if (!sf_bytes_is_null(item) && where->is_of_key && where->key.is_windowed)
        item = sf_windowed_of(item)->key;
    if (sf_bytes_is_null(item))
        return false;
    if (where->fn == WHERE_EVEN)
        return spec_value_whole(item, where->is_of_key ? where->key.type : where->value) % 2 == 0;
    return equals_ignore_case(item, sf_bytes_text(where->text));
}
