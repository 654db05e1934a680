#include "conformance/spec_combine.h"

#include <string.h>

#include "conformance/spec_json.h"

static const char combine_words[] = "concat sum difference increment remove_all";

static sf_status check_types(const char *what, const spec_combine *combine, sf_error *err)
{
    bool b_counts = combine->fn != COMBINE_INCREMENT;

    if (combine->fn == COMBINE_CONCAT)
        return SF_OK;
    if (combine->fn == COMBINE_REMOVE_ALL && combine->a != SPEC_STRING)
        return sf_fail(err, SF_INVALID, "%s: remove_all works on text, not on %s", what,
                       spec_type_name(combine->a));
    if (combine->fn == COMBINE_REMOVE_ALL)
        return SF_OK;
    if (!spec_is_number(combine->a) || (b_counts && !spec_is_number(combine->b)))
        return sf_fail(err, SF_INVALID, "%s: the function works on numbers, not on %s and %s", what,
                       spec_type_name(combine->a), spec_type_name(combine->b));
    return SF_OK;
}

sf_status spec_combine_read(const cJSON *json, const char *what, spec_type a, spec_type b,
                            spec_combine *combine, sf_error *err)
{
    int fn = 0;
    sf_status status = spec_fields(json, what, "fn", "prefix sep suffix", err);

    *combine = (spec_combine){.a = a, .b = b, .prefix = "", .sep = "", .suffix = ""};
    if (!status)
        status = spec_read_word(json, "fn", combine_words, &fn, err);
    combine->fn = (spec_combine_fn)fn;
    if (!status && combine->fn != COMBINE_CONCAT)
        status = spec_fields(json, what, "fn", "", err);
    if (!status)
        status = spec_read_text(json, "prefix", &combine->prefix, err);
    if (!status)
        status = spec_read_text(json, "sep", &combine->sep, err);
    if (!status)
        status = spec_read_text(json, "suffix", &combine->suffix, err);
    combine->result = combine->fn == COMBINE_CONCAT ? SPEC_STRING : a;
    return status ? status : check_types(what, combine, err);
}

static sf_bytes concat(const spec_combine *combine, sf_bytes a, sf_bytes b, sf_arena *arena)
{
    return sf_bytes_text(sf_arena_printf(arena, "%s%s%s%s%s", combine->prefix,
                                         spec_value_text(a, combine->a, arena), combine->sep,
                                         spec_value_text(b, combine->b, arena), combine->suffix));
}

static sf_bytes remove_all(const spec_combine *combine, sf_bytes a, sf_bytes b, sf_arena *arena)
{
    const char *gone = spec_value_text(b, combine->b, arena);
    size_t size = strlen(gone);
    const char *from = spec_value_text(a, combine->a, arena);
    char *result = sf_arena_text(arena, from);
    char *to = result;

    while (*from) {
        if (size && !strncmp(from, gone, size))
            from += size;
        else
            *to++ = *from++;
    }
    *to = '\0';
    return sf_bytes_text(result);
}

/* Numbers wrap around at the ends of their type. */
static sf_bytes add(const spec_combine *combine, sf_bytes a, sf_bytes b, bool subtracts,
                    sf_arena *arena)
{
    uint64_t left;
    uint64_t right;

    if (combine->a == SPEC_DOUBLE) {
        double real = spec_value_real(b, combine->b);

        return spec_value_of_real(spec_value_real(a, combine->a) + (subtracts ? -real : real),
                                  arena);
    }
    left = (uint64_t)spec_value_whole(a, combine->a);
    right = combine->b == SPEC_DOUBLE ? (uint64_t)(int64_t)spec_value_real(b, combine->b)
                                      : (uint64_t)spec_value_whole(b, combine->b);
    return spec_value_of_whole((int64_t)(subtracts ? left - right : left + right), combine->a,
                               arena);
}

static sf_bytes increment(const spec_combine *combine, sf_bytes a, sf_arena *arena)
{
    if (combine->a == SPEC_DOUBLE)
        return spec_value_of_real(spec_value_real(a, combine->a) + 1, arena);
    return spec_value_of_whole((int64_t)((uint64_t)spec_value_whole(a, combine->a) + 1), combine->a,
                               arena);
}

sf_status spec_combine_apply(const spec_combine *combine, sf_bytes a, sf_bytes b, sf_arena *arena,
                             sf_bytes *result, sf_error *err)
{
    if (combine->fn == COMBINE_CONCAT) {
        *result = concat(combine, a, b, arena);
        return SF_OK;
    }
    if (sf_bytes_is_null(a) || (combine->fn != COMBINE_INCREMENT && sf_bytes_is_null(b)))
        return sf_fail(err, SF_INVALID, "a function that knows no null was given one");
    if (combine->fn == COMBINE_REMOVE_ALL)
        *result = remove_all(combine, a, b, arena);
    else if (combine->fn == COMBINE_INCREMENT)
        *result = increment(combine, a, arena);
    else
        *result = add(combine, a, b, combine->fn == COMBINE_DIFFERENCE, arena);
    return SF_OK;
}
