/* ask.h - a call that may be made again: a broker that was just started, or killed, takes a while to know who
 * leads what. */
#ifndef TESTS_SUPPORT_ASK_H
#define TESTS_SUPPORT_ASK_H

#include "check.h"

/* Makes the call again while it says SF_RETRY, for a minute; then as assert_ok. */
#define ask(call)                                                                     \
    do {                                                                              \
        int64_t ask_began_us = 0;                                                     \
        sf_error ask_err = {0};                                                       \
        sf_error *err = &ask_err;                                                     \
        sf_status ask_status;                                                         \
        do                                                                            \
            ask_status = (call);                                                      \
        while (ask_is_due_again(ask_status, &ask_began_us));                          \
        if (ask_status)                                                               \
            fail_msg("%s: %s (%s)", #call, ask_err.text, sf_status_name(ask_status)); \
    } while (0)

/* For ask: waits a moment if it is. *began_us: 0 the first time. */
bool ask_is_due_again(sf_status status, int64_t *began_us);

#endif
