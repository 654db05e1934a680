/* simulated_counts.c - a topology of one's own under crashes, lost answers, zombies and lost disks.
 *
 *   simulated_counts [--seeds N] [--seed N [--trace]]       see <stateful/simulation.h>
 *
 * Three things are needed: the topology, somebody who writes its inputs, and a model that says what must
 * come of them - in the plainest way, without a look at the topology.
 */
#include <stdio.h>
#include <string.h>

#include <stateful/stateful.h>

enum { PAGES = 5 };

static const char *const pages[PAGES] = {"home", "search", "cart", "pay", "help"};

/* ---- what is put to the test: views of each page are counted ---- */

static sf_topology *view_counts(sf_error *err)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *views = sf_builder_stream(builder, "views", &(sf_consumed){.key = &sf_string_serde});
    sf_table *counts = sf_grouped_count(sf_stream_group_by_key(views, NULL), "view-counts");
    sf_topology *topology = NULL;

    sf_stream_to(sf_table_to_stream(counts), "view-counts-out");
    if (sf_builder_build(builder, &topology, err))
        topology = NULL;
    sf_builder_free(builder);
    return topology;
}

/* ---- who writes the input ---- */

static void view_a_page(void *user, sf_simulation_random *random, sf_arena *arena,
                        sf_simulation_input *input)
{
    (void)user;
    (void)arena;
    input->topic = "views";
    input->record.key = sf_bytes_text(pages[sf_simulation_random_below(random, PAGES)]);
    input->record.value = sf_bytes_text("viewed");
}

/* ---- what must come of it ---- */

static void expect_count(sf_simulation_outcome *outcome, const char *page, uint64_t views)
{
    uint8_t wire[8];

    for (int i = 0; i < 8; i++)
        wire[i] = (uint8_t)(views >> (8 * (7 - i)));
    sf_simulation_expect_row(outcome, "view-counts", sf_bytes_text(page), sf_bytes_of(wire, 8));
    sf_simulation_expect_record(outcome, "view-counts-out", sf_bytes_text(page),
                                sf_bytes_of(wire, 8));
}

static sf_status count_again(void *user, sf_simulation_outcome *outcome, sf_error *err)
{
    (void)user;
    (void)err;
    for (int page = 0; page < PAGES; page++) {
        uint64_t views = 0;

        for (int32_t p = 0; p < sf_simulation_partitions(outcome, "views"); p++) {
            for (size_t i = 0; i < sf_simulation_record_count(outcome, "views", p); i++)
                views += sf_bytes_equal(sf_simulation_record(outcome, "views", p, i)->key,
                                        sf_bytes_text(pages[page]));
        }
        if (views > 0)
            expect_count(outcome, pages[page], views);
    }
    return SF_OK;
}

/* ---- all together ---- */

int main(int argc, char **argv)
{
    static const sf_simulation_topic topics[] = {
        {"views", 3, SF_SIMULATION_INPUT},
        {"view-counts-out", 3, SF_SIMULATION_LAST}, /* caches leave counts in between out */
    };
    static const char *const stores[] = {"view-counts"};
    sf_error error = {0};
    sf_topology *topology = view_counts(&error);
    int code;

    if (!topology) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    code = sf_simulation_main(argc, argv,
                              &(sf_simulation_subject){
                                  .name = "view-counts",
                                  .topology = topology,
                                  .topics = topics,
                                  .topic_count = 2,
                                  .stores = stores,
                                  .store_count = 1,
                                  .generate = view_a_page,
                                  .model = count_again,
                              },
                              1);
    sf_topology_free(topology);
    return code;
}
