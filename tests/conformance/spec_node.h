/* spec_node.h - the nodes of a spec and what they hand to later ones.
 *
 * A maker reads the fields of its node, calls the library and fills in the node. Fields were checked
 * for their names before; `what` stands for the node in messages.
 */
#ifndef TESTS_CONFORMANCE_SPEC_NODE_H
#define TESTS_CONFORMANCE_SPEC_NODE_H

#include "conformance/spec_combine.h"
#include "conformance/spec_take.h"
#include "conformance/spec_topology.h"

typedef enum spec_node_kind {
    NODE_STREAM = 1,
    NODE_TABLE = 2,
    NODE_GLOBAL_TABLE = 4,
    NODE_GROUPED_STREAM = 8,
    NODE_GROUPED_TABLE = 16,
    NODE_COGROUPED = 32,
    NODE_END = 64, /* nothing can follow */
} spec_node_kind;

typedef struct spec_node {
    const cJSON *json;
    const char *what;
    const char *id; /* NULL: an end */
    spec_node_kind kind;
    spec_key_type key;
    spec_type value;
    bool rows_are_needed;    /* a later node asks for the table's rows */
    bool changes_are_needed; /* or but for the values before a change (suppress) */
    sf_stream *stream;
    sf_table *table;
    sf_global_table *global;
    sf_grouped *grouped;
    sf_table_grouped *table_grouped;
    const struct spec_node **parts; /* of a cogroup: its groups, and their functions */
    const cJSON **part_functions;
    size_t part_count;
} spec_node;

/* An earlier node by the id in a field; kinds is a sum of what it may be. */
sf_status spec_node_find(const spec_topology *topology, const spec_node *node, const char *field,
                         int kinds, const spec_node **found, sf_error *err);

/* The same by an id at hand. */
sf_status spec_node_by_id(const spec_topology *topology, const spec_node *node, const cJSON *id,
                          int kinds, const spec_node **found, sf_error *err);

/* Memory of the topology, zeroed. */
void *spec_alloc(spec_topology *topology, size_t size);

/* A name for what the library wants a name for and the spec gives none: "<id>-<word>". */
const char *spec_node_name(spec_topology *topology, const spec_node *node, const char *word);

/* The node's `store`. *is_given = it has one; its name may still be made up. Serdes
 * are those of the node's key and value, which are set before. Remembers a named one for checks. */
sf_status spec_node_store(spec_topology *topology, const spec_node *node, sf_store_kind kind,
                          sf_materialized *materialized, bool *is_given, sf_error *err);

/* How a table without a store is kept: not at all (NULL), or because someone behind asks for it. Who only
 * asks for changes sees each of them, as if nothing were kept. */
const sf_materialized *spec_node_kept(const spec_node *node, bool is_given,
                                      sf_materialized *materialized);

/* One more topic; refuses a second of that name and role. */
sf_status spec_node_add_topic(spec_topology *topology, const spec_node *node, bool is_source,
                              const char **name, sf_error *err);

/* Topic, key and value of a node where records come in. */
sf_status spec_node_read_source(spec_topology *topology, spec_node *node, sf_consumed *consumed,
                                const char **topic, sf_error *err);

/* A function in one of the node's fields, in memory of the topology. */
sf_status spec_node_combine(spec_topology *topology, const spec_node *node, const char *field,
                            spec_type a, spec_type b, spec_combine **combine, sf_error *err);

/* ---- functions as the library takes them; user is a spec_combine ---- */

sf_status spec_join_values(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                           sf_bytes *result, sf_error *err);
sf_status spec_fold_value(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                          sf_error *err);

/* ---- makers ---- */

typedef sf_status (*spec_maker)(spec_topology *topology, spec_node *node, sf_error *err);

sf_status spec_make_stream(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_table(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_global_table(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_store_calls(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_map(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_flat_map(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_filter(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_merge(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_repartition(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_to_table(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_to_stream(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_to(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_group(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_cogroup(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_count(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_reduce(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_aggregate(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_suppress(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_join_stream_table(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_join_stream_stream(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_join_stream_global(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_join_foreign_key(spec_topology *topology, spec_node *node, sf_error *err);
sf_status spec_make_join_table_table(spec_topology *topology, spec_node *node, sf_error *err);

#endif
