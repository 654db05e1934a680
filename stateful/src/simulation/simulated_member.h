/* simulated_member.h - a client's membership in a group; see simulated_consumer.h. One thread. */
#ifndef SF_SIMULATION_SIMULATED_MEMBER_H
#define SF_SIMULATION_SIMULATED_MEMBER_H

#include "simulation/simulated_host.h"

typedef struct sf_simulated_member {
    sf_simulated_host *host;
    sf_simulated_group *group;
    char *instance; /* NULL: dynamic */
    int64_t session_ms;
    sf_rebalance_listener listener;
    bool is_subscribed;

    uint64_t number; /* 0: not joined */
    int32_t generation;
    bool is_joining;
    bool is_lost;    /* to be told with the next poll */
    bool is_fenced;  /* for good */
    bool has_news;   /* an assignment to be told with the next poll */
    bool is_to_join; /* again, once its callbacks are through */
    int64_t next_beat_ms;
    int64_t polled_ms;
    int32_t *owned; /* what the application was told and holds */
    size_t owned_count;
    int32_t *given; /* by the last generation */
    size_t given_count;
} sf_simulated_member;

/* group: its name. */
void sf_simulated_member_init(sf_simulated_member *member, sf_simulated_host *host,
                              const sf_consumer_options *options);

sf_status sf_simulated_member_subscribe(sf_simulated_member *member, const char *topic,
                                        const sf_rebalance_listener *listener, sf_error *err);

/* Tells the listener what is new. */
sf_status sf_simulated_member_poll(sf_simulated_member *member, sf_error *err);

/* Gives all back; a dynamic member leaves, a static one is only silent. */
void sf_simulated_member_done(sf_simulated_member *member);

sf_group_identity sf_simulated_member_identity(const sf_simulated_member *member);

#endif
