/* fuzz_store_key.c - any bytes as a key of a window, a session or a version: what is taken lies in them, and
 * is the same bytes when it is written again. */
#include <stdlib.h>

#include "store/session_key.h"
#include "store/version_row.h"
#include "store/window_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_window(sf_bytes bytes, sf_window_layout layout, sf_buffer *again)
{
    sf_window_key window;

    if (!sf_window_key_decode(layout, bytes, &window))
        return;
    check(window.key.data >= bytes.data && window.key.size <= bytes.size);
    if (window.start_ms < 0)
        return;
    sf_window_key_encode(layout, &window, again);
    check(sf_bytes_equal(sf_buffer_bytes(again), bytes));
}

static void read_logged_window(sf_bytes bytes, sf_buffer *again)
{
    sf_window_key window;

    if (!sf_window_key_decode_logged(bytes, &window) || window.start_ms < 0)
        return;
    sf_window_key_encode_logged(&window, again);
    check(sf_bytes_equal(sf_buffer_bytes(again), bytes));
}

static void read_session(sf_bytes bytes, sf_buffer *again)
{
    sf_session_key session;

    if (sf_session_key_decode(bytes, &session) && session.start_ms >= 0 && session.end_ms >= 0) {
        sf_session_key_encode(&session, again);
        check(sf_bytes_equal(sf_buffer_bytes(again), bytes));
    }
    if (sf_session_key_decode_by_end(bytes, &session) && session.start_ms >= 0 &&
        session.end_ms >= 0) {
        sf_session_key_encode_by_end(&session, again);
        check(sf_bytes_equal(sf_buffer_bytes(again), bytes));
    }
}

static void read_version(sf_bytes bytes)
{
    sf_version_row row;
    int64_t to_ms;

    (void)sf_version_row_decode_key(bytes, sf_bytes_of(bytes.data, bytes.size / 2), &to_ms);
    if (sf_version_row_decode_value(bytes, &row))
        check(!row.value.data || row.value.data + row.value.size <= bytes.data + bytes.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const sf_bytes bytes = sf_bytes_of(data, size);
    sf_buffer again = SF_BUFFER_EMPTY;

    for (int by_time = 0; by_time < 2; by_time++) {
        for (int has_sequence = 0; has_sequence < 2; has_sequence++)
            read_window(bytes, (sf_window_layout){by_time, has_sequence}, &again);
    }
    read_logged_window(bytes, &again);
    read_session(bytes, &again);
    read_version(bytes);
    sf_buffer_done(&again);
    return 0;
}
