/* broker_group.c - hands each question about groups to the implementation behind the broker. */
#include <stateful/broker_group.h>

#include "broker/broker_implementation.h"

sf_status sf_broker_list_groups(sf_broker *broker, sf_group_fn fn, void *user, sf_error *err)
{
    return broker->ops->list_groups(broker, fn, user, err);
}

sf_status sf_broker_describe_group(sf_broker *broker, const char *group, sf_arena *arena,
                                   sf_group_description *description, sf_error *err)
{
    return broker->ops->describe_group(broker, group, arena, description, err);
}

sf_status sf_broker_group_offsets(sf_broker *broker, const char *group, sf_arena *arena,
                                  const sf_offset **offsets, size_t *count, sf_error *err)
{
    return broker->ops->group_offsets(broker, group, arena, offsets, count, err);
}

sf_status sf_broker_set_group_offsets(sf_broker *broker, const char *group,
                                      const sf_offset *offsets, size_t count, sf_error *err)
{
    return broker->ops->set_group_offsets(broker, group, offsets, count, err);
}
