#include "conformance/spec_json.h"

#include <math.h>
#include <string.h>

/* Whether name is among the words of a list; *place (may be NULL) = the how-manieth. */
static bool is_listed(const char *name, const char *words, int *place)
{
    size_t length = strlen(name);

    for (int i = 0; *words; i++) {
        size_t word = strcspn(words, " ");

        if (word == length && !memcmp(words, name, length)) {
            if (place)
                *place = i;
            return true;
        }
        words += word;
        words += strspn(words, " ");
    }
    return false;
}

static sf_status fail_missing(const cJSON *object, const char *what, const char *required,
                              sf_error *err)
{
    while (*required) {
        size_t length = strcspn(required, " ");
        char name[64] = {0};

        memcpy(name, required, length < sizeof(name) ? length : sizeof(name) - 1);
        if (!cJSON_GetObjectItemCaseSensitive(object, name))
            return sf_fail(err, SF_INVALID, "%s: the field '%s' is missing", what, name);
        required += length;
        required += strspn(required, " ");
    }
    return SF_OK;
}

sf_status spec_fields(const cJSON *object, const char *what, const char *required,
                      const char *optional, sf_error *err)
{
    const cJSON *field;

    if (!cJSON_IsObject(object))
        return sf_fail(err, SF_INVALID, "%s: not an object", what);
    cJSON_ArrayForEach(field, object)
    {
        if (!is_listed(field->string, required, NULL) && !is_listed(field->string, optional, NULL))
            return sf_fail(err, SF_INVALID, "%s: unknown field '%s'", what, field->string);
        if (cJSON_GetObjectItemCaseSensitive(object, field->string) != field)
            return sf_fail(err, SF_INVALID, "%s: the field '%s' stands there twice", what,
                           field->string);
    }
    return fail_missing(object, what, required, err);
}

sf_status spec_read_text(const cJSON *object, const char *field, const char **text, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(object, field);

    if (!json)
        return SF_OK;
    if (!cJSON_IsString(json))
        return sf_fail(err, SF_INVALID, "'%s' is not a text", field);
    *text = json->valuestring;
    return SF_OK;
}

sf_status spec_read_flag(const cJSON *object, const char *field, bool *flag, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(object, field);

    if (!json)
        return SF_OK;
    if (!cJSON_IsBool(json))
        return sf_fail(err, SF_INVALID, "'%s' is neither true nor false", field);
    *flag = cJSON_IsTrue(json);
    return SF_OK;
}

sf_status spec_whole_number(const cJSON *json, const char *what, int64_t *number, sf_error *err)
{
    const double exact = 9007199254740992.0; /* 2^53 */
    const double largest = 9223372036854775808.0;
    double value;

    if (!cJSON_IsNumber(json))
        return sf_fail(err, SF_INVALID, "%s is not a number", what);
    value = json->valuedouble;
    if (value == largest) {
        *number = INT64_MAX;
        return SF_OK;
    }
    if (trunc(value) != value || fabs(value) > exact)
        return sf_fail(err, SF_INVALID, "%s is not a whole number that can be read exactly", what);
    *number = (int64_t)value;
    return SF_OK;
}

sf_status spec_read_natural(const cJSON *object, const char *field, int64_t *number, sf_error *err)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(object, field);
    int64_t value;
    sf_status status;

    if (!json)
        return SF_OK;
    status = spec_whole_number(json, field, &value, err);
    if (!status && value < 0)
        status = sf_fail(err, SF_INVALID, "%s is negative", field);
    if (!status)
        *number = value;
    return status;
}

sf_status spec_word(const char *word, const char *field, const char *words, int *choice,
                    sf_error *err)
{
    if (is_listed(word, words, choice))
        return SF_OK;
    return sf_fail(err, SF_INVALID, "unknown %s '%s', it can be one of: %s", field, word, words);
}

sf_status spec_read_word(const cJSON *object, const char *field, const char *words, int *choice,
                         sf_error *err)
{
    const char *word = NULL;
    sf_status status = spec_read_text(object, field, &word, err);

    return status || !word ? status : spec_word(word, field, words, choice, err);
}
