#include "http/sync_status.h"

#include "base/encoding.h"
#include "fleet/gather.h"

enum { TIME_SIZE = 8 };

static sf_status collect(void *asked, sf_view *view, part_writer *part, sf_error *err)
{
    const analytics_views *views = asked;
    uint8_t newest[TIME_SIZE];

    (void)view, (void)err;
    sf_put_be64(newest, (uint64_t)event_progress_newest(views->progress));
    part_writer_add(part, sf_bytes_of("", 0), sf_bytes_of(newest, sizeof newest));
    part_writer_close(part, false, SF_NULL);
    return SF_OK;
}

static int64_t newest_of(part_merge *parts)
{
    sf_bytes rank, item;
    int64_t newest_ms = 0;

    while (part_merge_next(parts, &rank, &item)) {
        int64_t time_ms = item.size == TIME_SIZE ? (int64_t)sf_get_be64(item.data) : 0;

        newest_ms = time_ms > newest_ms ? time_ms : newest_ms;
    }
    return newest_ms;
}

static sf_status answer(void *asked, sf_reply *reply, part_merge *parts, const gaps *missing,
                        sf_error *err)
{
    const analytics_views *views = asked;
    int64_t newest_ms = newest_of(parts);
    int64_t behind_ms = sf_clock_now_ms(views->clock) - newest_ms;
    sf_json_writer *json = sf_reply_json(reply, 200);

    (void)err;
    sf_json_write_object(json, NULL);
    if (newest_ms) {
        sf_json_write_timestamp(json, "lastProcessedEventTimestamp", newest_ms);
        sf_json_write_integer(json, "lagSeconds", behind_ms > 0 ? behind_ms / 1000 : 0);
    } else {
        sf_json_write_null(json, "lastProcessedEventTimestamp");
        sf_json_write_null(json, "lagSeconds");
    }
    gaps_write(missing, json);
    sf_json_write_end_object(json);
    return SF_OK;
}

void sync_status_get(const sf_request *request, sf_reply *reply, void *user)
{
    const analytics_views *views = user;

    fleet_gather(views->fleet, request, reply,
                 &(gathering){.asked = user, .collect = collect, .answer = answer});
}
