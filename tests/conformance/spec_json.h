/* spec_json.h - reads the JSON of case files field by field; whatever is not known is refused with a
 * sentence that names it.
 *
 * `what` in messages says where the object stands ("nodes[3] aggregate"). A field that is not there
 * leaves its target as it was: what is mandatory is said once, by spec_fields.
 */
#ifndef TESTS_CONFORMANCE_SPEC_JSON_H
#define TESTS_CONFORMANCE_SPEC_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include <stateful/error.h>

/* An object that has all required fields and no others than those and the optional ones; both are
 * lists of words. */
sf_status spec_fields(const cJSON *object, const char *what, const char *required,
                      const char *optional, sf_error *err);

sf_status spec_read_text(const cJSON *object, const char *field, const char **text, sf_error *err);
sf_status spec_read_flag(const cJSON *object, const char *field, bool *flag, sf_error *err);

/* A whole number that is not negative: milliseconds, a position, a count. */
sf_status spec_read_natural(const cJSON *object, const char *field, int64_t *number, sf_error *err);

/* A whole number of any sign, not as a field. Refuses what a case file cannot carry exactly, but for
 * the largest 64-bit number. */
sf_status spec_whole_number(const cJSON *json, const char *what, int64_t *number, sf_error *err);

/* One of the words; *choice becomes its position. The first: a word at hand, field is for messages. */
sf_status spec_word(const char *word, const char *field, const char *words, int *choice,
                    sf_error *err);
sf_status spec_read_word(const cJSON *object, const char *field, const char *words, int *choice,
                         sf_error *err);

#endif
