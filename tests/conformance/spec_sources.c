/* spec_sources.c - nodes where records come in: streams and tables of topics. */
#include "conformance/spec_json.h"
#include "conformance/spec_node.h"

sf_status spec_make_stream(spec_topology *topology, spec_node *node, sf_error *err)
{
    sf_consumed consumed;
    const char *topic;
    sf_status status = spec_node_read_source(topology, node, &consumed, &topic, err);

    if (status)
        return status;
    node->kind = NODE_STREAM;
    node->stream = sf_builder_stream(topology->builder, topic, &consumed);
    return SF_OK;
}

sf_status spec_make_table(spec_topology *topology, spec_node *node, sf_error *err)
{
    sf_consumed consumed;
    sf_materialized materialized;
    const char *topic;
    bool is_given;
    sf_status status = spec_node_read_source(topology, node, &consumed, &topic, err);

    if (!status)
        status = spec_node_store(topology, node, SF_KEY_VALUE_STORE, &materialized, &is_given, err);
    if (status)
        return status;
    node->kind = NODE_TABLE;
    node->table = sf_builder_table(topology->builder, topic, &consumed,
                                   spec_node_kept(node, is_given, &materialized));
    return SF_OK;
}

sf_status spec_make_global_table(spec_topology *topology, spec_node *node, sf_error *err)
{
    sf_consumed consumed;
    sf_materialized materialized = {.name = spec_node_name(topology, node, "store")};
    const char *topic;
    sf_status status = spec_node_read_source(topology, node, &consumed, &topic, err);

    if (status)
        return status;
    node->kind = NODE_GLOBAL_TABLE;
    node->global = sf_builder_global_table(topology->builder, topic, &consumed, &materialized);
    return SF_OK;
}
