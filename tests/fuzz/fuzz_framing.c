/* fuzz_framing.c - any lines as the headers of a request: none that could be read in two ways is taken. */
#include <stdlib.h>
#include <string.h>

#include "service/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Up to the first mark, which is passed over. */
static sf_bytes cut(sf_bytes *rest, char mark)
{
    const uint8_t *found = rest->size ? memchr(rest->data, mark, rest->size) : NULL;
    size_t size = found ? (size_t)(found - rest->data) : rest->size;
    sf_bytes part = sf_bytes_of(rest->data, size);

    *rest = sf_bytes_of(rest->data + size + (found ? 1 : 0), rest->size - size - (found ? 1 : 0));
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_bytes rest = sf_bytes_of(data, size);
    sf_framing framing = {0};
    sf_framing_refusal refusal;
    bool has_space = false;

    while (rest.size) {
        sf_bytes value = cut(&rest, '\n');
        sf_bytes name = cut(&value, ':');

        has_space |=
            !name.size || memchr(name.data, ' ', name.size) || memchr(name.data, '\t', name.size);
        sf_framing_add(&framing, name, value);
    }
    refusal = sf_framing_judge(&framing);
    if (refusal.status) {
        check(refusal.status >= 400 && refusal.slug[0] && refusal.detail[0]);
        return 0;
    }
    check(!has_space && framing.host_count <= 1);
    check(framing.length_count + framing.coding_count <= 1);
    check(!framing.coding_count || framing.is_chunked);
    return 0;
}
