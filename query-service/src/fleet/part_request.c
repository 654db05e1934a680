#include "fleet/part_request.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "fleet/fleet.h"

#define ALL "all"

enum { PARTITION_MAX = 1000000, DIGITS_MAX = 7 };

const char *part_request_text(const fleet_share *share, sf_arena *arena)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    const char *copy;

    for (size_t i = 0; i < share->partition_count; i++)
        sf_buffer_printf(&text, "%s%" PRId32, i ? "," : "", share->partitions[i]);
    copy = sf_arena_text(arena, share->partition_count ? sf_buffer_text(&text) : ALL);
    sf_buffer_done(&text);
    return copy;
}

/* Reads a number; false if there is none. */
static bool take_number(const char **text, int32_t *number)
{
    size_t digits = strspn(*text, "0123456789");

    if (!digits || digits > DIGITS_MAX)
        return false;
    *number = (int32_t)strtol(*text, NULL, 10);
    *text += digits;
    return *number <= PARTITION_MAX;
}

static bool read_numbers(const char *text, sf_arena *arena, fleet_share *share)
{
    share->partitions = sf_arena_alloc(arena, (strlen(text) / 2 + 1) * sizeof(int32_t));
    for (;;) {
        if (!take_number(&text, &share->partitions[share->partition_count]))
            return false;
        share->partition_count++;
        if (!*text)
            return true;
        if (*text++ != ',')
            return false;
    }
}

bool part_request_read(const sf_request *request, const char *text, bool has_partitions,
                       sf_reply *reply, fleet_share *share)
{
    *share = (fleet_share){.address = ""};
    if (has_partitions ? read_numbers(text, sf_request_arena(request), share) : !strcmp(text, ALL))
        return true;
    sf_reply_problem(reply, 400, "invalid-parameter", "the header %s must be %s", FLEET_PART_HEADER,
                     has_partitions ? "numbers of partitions, such as 0,2" : ALL);
    return false;
}
