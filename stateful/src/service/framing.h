/* framing.h - what the headers of a request say of where it ends, and whether they can be trusted.
 *
 * Two parties that read one request differently are how requests are smuggled past a proxy, so
 * whatever could be read in two ways is refused: a name that is no token (also one with a space before
 * its colon), a control character or NUL in a value, a Host that is none or comes twice, two lengths,
 * a length beside a coding, a coding other than chunked.
 */
#ifndef SF_SERVICE_FRAMING_H
#define SF_SERVICE_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include <stateful/bytes.h>

/* Zeros are a request without headers. */
typedef struct sf_framing {
    unsigned length_count;
    unsigned coding_count;
    unsigned host_count;
    bool is_chunked;       /* by its last Transfer-Encoding */
    bool expects_continue; /* it waits for our word before it sends its body */
    bool has_odd_header;   /* also: its reader found one elsewhere */
    bool has_odd_host;
    uint64_t length; /* of the body, in bytes; UINT64_MAX: more than any */
} sf_framing;

/* Takes note of a header. */
void sf_framing_add(sf_framing *framing, sf_bytes name, sf_bytes value);

/* Why a request is not taken: a status, a problem's slug and a sentence. */
typedef struct sf_framing_refusal {
    int status; /* 0: it is taken */
    const char *slug;
    const char *detail;
} sf_framing_refusal;

/* Judges the whole, once all headers were added. */
sf_framing_refusal sf_framing_judge(const sf_framing *framing);

#endif
