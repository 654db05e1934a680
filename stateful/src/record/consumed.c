#include <stateful/consumed.h>

#include <stateful/clock.h>

int64_t sf_timestamp_or_partition_time(void *user, const sf_record *record, int64_t partition_time)
{
    (void)user;
    return record->timestamp < 0 ? partition_time : record->timestamp;
}

int64_t sf_timestamp_wall_clock(void *user, const sf_record *record, int64_t partition_time)
{
    (void)record;
    (void)partition_time;
    return sf_clock_now_ms(user ? user : sf_clock_system());
}
