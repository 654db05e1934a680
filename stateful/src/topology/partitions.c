/* partitions.c - how many partitions the repartition topics get.
 *
 * Topics in one company (they meet at a join or a store) share a count: the one that is fixed, by a
 * topic outside or by the program; if several are, the largest. In a company without any fixed count
 * each topic asks for the largest count of the topics its records come from, and the largest wish
 * wins. Wishes depend on other companies' counts, so companies are settled one after another.
 */
#include "topology/topology_implementation.h"

#include <string.h>

/* The largest count of the topics that a sub-topology reads; 0 while one is not settled. */
static int32_t count_behind(const sf_subtopology *part, const int32_t *counts, bool settled_only)
{
    int32_t largest = 0;

    for (size_t i = 0; i < part->input_count; i++) {
        if (!counts[part->inputs[i]] && settled_only)
            return 0;
        if (counts[part->inputs[i]] > largest)
            largest = counts[part->inputs[i]];
    }
    return largest;
}

static bool writes_to(const sf_subtopology *part, size_t topic)
{
    for (size_t i = 0; i < part->output_count; i++)
        if (part->outputs[i] == topic)
            return true;
    return false;
}

static int32_t wish_of(const sf_topology *topology, size_t topic, const int32_t *counts,
                       bool settled_only)
{
    int32_t largest = 0;

    for (size_t i = 0; i < topology->subtopology_count; i++) {
        int32_t behind;

        if (!writes_to(&topology->subtopologies[i], topic))
            continue;
        behind = count_behind(&topology->subtopologies[i], counts, settled_only);
        if (!behind && settled_only)
            return 0;
        if (behind > largest)
            largest = behind;
    }
    return largest;
}

/* 0: cannot be known yet. */
static int32_t count_of_company(const sf_topology *topology, size_t company, const int32_t *counts,
                                bool settled_only)
{
    int32_t fixed = 0, wished = 0;

    for (size_t i = 0; i < topology->topic_count; i++) {
        int32_t wish;

        if (!topology->topics[i].is_source || topology->topics[i].company != company)
            continue;
        if (counts[i] > fixed)
            fixed = counts[i];
        if (counts[i])
            continue;
        wish = wish_of(topology, i, counts, settled_only);
        if (!wish && settled_only)
            wished = INT32_MAX; /* someone's wish is not known: wait */
        else if (wish > wished)
            wished = wish;
    }
    if (fixed)
        return fixed;
    return wished == INT32_MAX ? 0 : wished;
}

static bool is_open(const sf_topology *topology, size_t topic, const int32_t *counts)
{
    return topology->topics[topic].is_internal && !counts[topic];
}

/* Whether a count was settled. Companies that wait for each other are settled by what is known. */
static bool settle_one(const sf_topology *topology, int32_t *counts, bool settled_only)
{
    for (size_t i = 0; i < topology->topic_count; i++) {
        int32_t count;

        if (!is_open(topology, i, counts))
            continue;
        count = count_of_company(topology, topology->topics[i].company, counts, settled_only);
        if (!count)
            continue;
        for (size_t k = i; k < topology->topic_count; k++)
            if (is_open(topology, k, counts) &&
                topology->topics[k].company == topology->topics[i].company)
                counts[k] = count;
        return true;
    }
    return false;
}

static sf_status check_counts(const sf_topology *topology, const int32_t *counts, sf_error *err)
{
    const sf_topic *topics = topology->topics;

    for (size_t i = 0; i < topology->topic_count; i++) {
        if (!topics[i].is_source)
            continue;
        if (counts[i] <= 0)
            return sf_fail(err, SF_NOT_FOUND, "the topic '%s' is not there", topics[i].name);
        for (size_t k = 0; k < i; k++)
            if (topics[k].is_source && topics[k].group == topics[i].group && counts[k] != counts[i])
                return sf_fail(err, SF_INVALID,
                               "'%s' with %d partitions and '%s' with %d are joined: they need "
                               "equal partition counts, or a repartition between",
                               topics[k].name, counts[k], topics[i].name, counts[i]);
    }
    return SF_OK;
}

sf_status sf_topology_partitions(const sf_topology *topology, int32_t *counts, sf_error *err)
{
    for (size_t i = 0; i < topology->topic_count; i++)
        if (topology->topics[i].is_internal)
            counts[i] = topology->topics[i].partitions;
    while (settle_one(topology, counts, true) || settle_one(topology, counts, false))
        ;
    return check_counts(topology, counts, err);
}

int32_t sf_topology_task_count(const sf_topology *topology, size_t subtopology,
                               const int32_t *counts)
{
    return count_behind(&topology->subtopologies[subtopology], counts, false);
}
