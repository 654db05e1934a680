#include "query_problems.h"

#include "base/memory.h"

const sf_problem query_problems[] = {
    {"invalid-range", 400, "The start of a range does not lie before its end.",
     "Exchange or correct the two."},
    {"not-yet-visible", 409,
     "The order or customer is known, but not yet in the version that minVersion asks for; the "
     "member version says which is known.",
     "Ask again in a moment, or add wait=5s."},
    {"range-too-large", 400,
     "Several instances hold the hours that are asked for, and without a limit one of them would "
     "have to send too many at once.",
     "Ask with limit, and follow the links; or for a shorter range."},
    {"state-store-restoring", 503,
     "The state stores are being restored or moved to another instance; the members state and "
     "restoreRemaining say how far this instance is, missing names what cannot be read: "
     "partitions, "
     "the instances that hold them, and why.",
     "Ask again after a second, as Retry-After says; or take what there is, where a list or a sum "
     "is asked for, with allowPartial=true."},
};

const size_t query_problem_count = SF_ARRAY_LENGTH(query_problems);
