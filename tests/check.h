/* check.h - what we use of cmocka, and checks with better messages over it. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stateful/bytes.h>
#include <stateful/error.h>

/* Fails with err's sentence unless the call went well. */
#define assert_ok(call)                                                             \
    do {                                                                            \
        sf_error ok_err = {0};                                                      \
        sf_error *err = &ok_err;                                                    \
        sf_status ok_status = (call);                                               \
        if (ok_status)                                                              \
            fail_msg("%s: %s (%s)", #call, ok_err.text, sf_status_name(ok_status)); \
    } while (0)

#define assert_bytes(bytes, text)                                                         \
    do {                                                                                  \
        sf_bytes checked_bytes = (bytes);                                                 \
        if (!sf_bytes_equal(checked_bytes, sf_bytes_text(text)))                          \
            fail_msg("%s is '%.*s', not '%s'", #bytes, (int)checked_bytes.size,           \
                     checked_bytes.data ? (const char *)checked_bytes.data : "", (text)); \
    } while (0)

#undef run_tests /* cmocka's own, deprecated */
#define run_tests(tests) cmocka_run_group_tests(tests, NULL, NULL)

#endif
