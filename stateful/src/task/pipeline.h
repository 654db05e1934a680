/* pipeline.h - the live nodes of one task: a context and a state for each processor, a direct call for
 * each edge. Made anew after an abort, since operators may keep things outside stores.
 *
 * Nodes are initialised parents first and closed the other way round. Stream thread only.
 */
#ifndef SF_TASK_PIPELINE_H
#define SF_TASK_PIPELINE_H

#include "store/task_stores.h"
#include "task/collector.h"
#include "topology/processor_implementation.h"

typedef struct sf_pipeline sf_pipeline;

typedef struct sf_pipeline_options {
    const sf_topology *topology;
    size_t subtopology;
    sf_pipeline_context *context; /* outlives the pipeline; its memory and punctuations are reset */
    sf_task_stores *stores;       /* numbered as the sub-topology's */
    sf_collector *collector;
    const size_t *outputs; /* the port's number of each of the sub-topology's sink topics */
} sf_pipeline_options;

sf_status sf_pipeline_new(const sf_pipeline_options *options, sf_pipeline **pipeline,
                          sf_error *err);
void sf_pipeline_free(sf_pipeline *pipeline); /* NULL is fine */

/* Hands a record of that input to its source's children. */
sf_status sf_pipeline_process(sf_pipeline *pipeline, size_t input, const sf_record *record,
                              sf_error *err);

#endif
