/* history.h - one simulated history: machines, feeding, faults, quiet at the end, judgement. One thread. */
#ifndef SF_SIMULATION_HISTORY_H
#define SF_SIMULATION_HISTORY_H

#include <stateful/simulation_report.h>
#include <stateful/simulation_subject.h>

/* See sf_simulation_run. */
sf_status sf_history_run(const sf_simulation_subject *subject, const sf_simulation_options *options,
                         sf_simulation_report *report, sf_error *err);

#endif
