/* fuzz_timestamp.c - any bytes as a time: what is taken lies in range and survives writing. */
#include <stdlib.h>

#include "service/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[SF_TIMESTAMP_TEXT_SIZE];
    int64_t time_ms, again_ms;
    sf_error err = {0};
    size_t written;

    if (sf_timestamp_parse(sf_bytes_of(data, size), &time_ms, &err)) {
        check(err.status == SF_REJECT && err.text[0]);
        return 0;
    }
    check(time_ms >= SF_TIMESTAMP_LEAST_MS && time_ms <= SF_TIMESTAMP_MOST_MS);
    written = sf_timestamp_format(time_ms, text);
    check(written < sizeof(text) && !text[written] && text[written - 1] == 'Z');
    check(!sf_timestamp_parse(sf_bytes_of(text, written), &again_ms, NULL));
    check(again_ms == time_ms);
    return 0;
}
