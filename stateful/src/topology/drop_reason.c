#include <stateful/drop_reason.h>

const char *sf_drop_reason_name(sf_drop_reason reason)
{
    static const char *const names[SF_DROP_REASONS] = {
        [SF_DROP_OTHER] = "other",
        [SF_DROP_NULL] = "null",
        [SF_DROP_LATE] = "late",
        [SF_DROP_OUT_OF_ORDER] = "out-of-order",
    };

    return names[reason];
}
