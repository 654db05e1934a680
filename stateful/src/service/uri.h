/* uri.h - the target of a request taken apart as it was sent, decoded part by part afterwards, so that
 * a %2F never becomes a border. Any thread. */
#ifndef SF_SERVICE_URI_H
#define SF_SERVICE_URI_H

#include <stateful/arena.h>
#include <stateful/bytes.h>

#define SF_URI_SEGMENTS_MAX 32
#define SF_URI_PARAMETERS_MAX 64

typedef struct sf_uri_parameter {
    const char *name;
    const char *value; /* "" where there is no '=' */
} sf_uri_parameter;

/* All of it is in the arena. */
typedef struct sf_uri {
    const char *path;      /* as sent, without the query */
    const char **segments; /* decoded; "/a//b" has three, the second empty; "/" has one, empty */
    size_t segment_count;
    sf_uri_parameter *parameters; /* decoded, in their order; a '+' stays a '+' */
    size_t parameter_count;
} sf_uri;

/* Takes "/path?query" or "http://host/path?query" apart. NULL when all is well, else what is wrong: a
 * '%' without two hexadecimal digits, a NUL, a raw control character, bytes that are not UTF-8, too
 * many parts. path is set in any case. */
const char *sf_uri_parse(const char *target, sf_arena *arena, sf_uri *uri);

#endif
