/* fuzz_layout.c - any bytes as the record of the layout topic: what is taken says the same when it is printed
 * and read again, what is not is refused with a sentence. */
#include <stdlib.h>

#include "runtime/layout_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sf_layout_record record = {0};
    sf_buffer printed = SF_BUFFER_EMPTY;
    sf_buffer again = SF_BUFFER_EMPTY;
    sf_error error = {0};

    if (sf_layout_record_read(&record, sf_bytes_of(data, size), &error)) {
        check(error.text[0]);
    } else {
        sf_layout_record_print(&record, &printed);
        check(!sf_layout_record_read(&record, sf_buffer_bytes(&printed), &error));
        sf_layout_record_print(&record, &again);
        check(sf_bytes_equal(sf_buffer_bytes(&printed), sf_buffer_bytes(&again)));
    }
    sf_layout_record_done(&record);
    sf_buffer_done(&printed);
    sf_buffer_done(&again);
    return 0;
}
