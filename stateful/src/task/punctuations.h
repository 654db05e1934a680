/* punctuations.h - calls the punctuations of a pipeline that are due. Stream thread only. */
#ifndef SF_TASK_PUNCTUATIONS_H
#define SF_TASK_PUNCTUATIONS_H

#include "topology/processor_implementation.h"

/* The next one of that clock that is due at time, NULL if none is; its deadline moves on along its
 * grid, past all that were missed. */
sf_punctuation *sf_punctuations_take_due(sf_pipeline_context *pipeline, sf_schedule_clock clock,
                                         int64_t time);

#endif
