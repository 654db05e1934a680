/* simulated_cluster.h - the brokers' side of everything: topics, groups, transactions; and the time that
 * all of a history goes by.
 *
 * Clients reach it as hosts (simulated_host.h). One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_CLUSTER_H
#define SF_SIMULATION_SIMULATED_CLUSTER_H

#include "simulation/simulated_group.h"
#include "simulation/simulated_log.h"
#include "simulation/simulated_transactions.h"

/* How far brokers and clients fail by themselves, beside planned faults; zero: not at all. */
typedef struct sf_simulated_weather {
    int unanswered_per_mille; /* calls that get no answer; half of them were done */
    int slow_read_per_mille;  /* fetches that bring nothing for a while */
    int small_read_per_mille; /* fetches that bring few records */
    int late_ms;              /* an answer takes up to so long */
    int lost_record_per_mille; /* records of plain producers that are given up while later ones are not */
    int marker_ms;             /* a marker comes up to so long after the one before it */
} sf_simulated_weather;

typedef struct sf_simulated_topic {
    char *name;
    int32_t partitions;
    bool is_compacted;
    bool is_deleted;
    int64_t anew_ms;           /* when it was made in place of a deleted one; 0: it was not */
    int64_t deletions_stay_ms; /* after a cleaner first came by */
    int64_t cleaning_lag_ms;   /* before a record may be cleaned */
    const int64_t *now_us;
    sf_simulated_log **logs; /* by partition */
} sf_simulated_topic;

/* A client's thread of its own: heartbeats and what answers them. */
typedef struct sf_simulated_background {
    void (*run)(void *user, int64_t now_ms);
    void *user;
} sf_simulated_background;

/* A request that is on its way to a broker, whatever becomes of its sender. */
typedef struct sf_simulated_request {
    int64_t due_ms;
    void (*arrive)(void *user, bool in_vain); /* frees user; in vain: the history is over */
    void *user;
} sf_simulated_request;

typedef struct sf_simulated_cluster {
    sf_trace trace;
    sf_random random; /* of what brokers do; not of faults */
    sf_simulated_weather weather;
    int64_t now_us;
    int64_t away_until_ms;       /* no call is answered before */
    int64_t coordinator_back_ms; /* neither groups nor transactions before */
    int64_t slow_until_ms;       /* nothing is fetched before */
    int64_t slept_from_ms;       /* when the last jump of time began; 0: there was none */
    sf_simulated_topic **topics; /* deleted ones too */
    size_t topic_count;
    sf_simulated_group **groups;
    size_t group_count;
    sf_simulated_transactions *transactions;
    sf_simulated_background *backgrounds;
    size_t background_count;
    sf_simulated_request *requests;
    size_t request_count;
    bool is_ticking;
    /* Told when a client without a group begins to read somewhere; NULL: nobody. */
    void (*on_restore)(void *user, const void *host, const char *topic, int32_t partition,
                       int64_t from);
    void *user;
    char *complaint; /* the first rule that a client broke; NULL: none */
} sf_simulated_cluster;

void sf_simulated_cluster_init(sf_simulated_cluster *cluster, uint64_t seed, FILE *lines);
void sf_simulated_cluster_done(sf_simulated_cluster *cluster);

int64_t sf_simulated_cluster_now_ms(const sf_simulated_cluster *cluster);

/* Time goes on: sessions end, markers are written, heartbeats are sent. */
void sf_simulated_cluster_advance(sf_simulated_cluster *cluster, int64_t us);

/* Time is later at once: nobody has noticed anything in between. */
void sf_simulated_cluster_jump(sf_simulated_cluster *cluster, int64_t ms);

/* It arrives when its time has come and brokers answer. */
void sf_simulated_cluster_post(sf_simulated_cluster *cluster, sf_simulated_request request);

sf_simulated_topic *sf_simulated_cluster_topic(const sf_simulated_cluster *cluster,
                                               const char *name); /* NULL: none */
sf_simulated_log *sf_simulated_cluster_log(const sf_simulated_cluster *cluster, const char *topic,
                                           int32_t partition); /* NULL: none */
sf_simulated_topic *sf_simulated_cluster_create(sf_simulated_cluster *cluster, const char *name,
                                                int32_t partitions);
void sf_simulated_cluster_delete(sf_simulated_cluster *cluster, const char *name);

/* Deletes one that is there and makes it anew, empty, with the same settings. */
sf_simulated_topic *sf_simulated_cluster_recreate(sf_simulated_cluster *cluster, const char *name);

/* Has so many partitions from now on. */
void sf_simulated_topic_grow(sf_simulated_topic *topic, int32_t partitions);

/* Made if it is not there. */
sf_simulated_group *sf_simulated_cluster_group(sf_simulated_cluster *cluster, const char *name);
sf_simulated_group *sf_simulated_cluster_find_group(const sf_simulated_cluster *cluster,
                                                    const char *name); /* NULL: none */

void sf_simulated_cluster_add_background(sf_simulated_cluster *cluster,
                                         sf_simulated_background background);
void sf_simulated_cluster_remove_background(sf_simulated_cluster *cluster, void *user);

/* Coordinators are somewhere else after so long; meanwhile they do not answer. */
void sf_simulated_cluster_move_coordinators(sf_simulated_cluster *cluster, int64_t takes_ms);

/* Keeps the first complaint. */
void sf_simulated_cluster_complain(sf_simulated_cluster *cluster, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
