/* simulation.h - runs a topology through seeded histories of faults: several instances, crashes at any
 * call, lost answers, processes that stand still and come back, full disks, lost disks, rebalances.
 *
 * Runtime, tasks, stores and commits are the real ones, stepped in one thread over simulated brokers,
 * disks and clocks: a history takes milliseconds, and the same seed gives the same one on every machine.
 * What comes out is held against a model of yours, exactly. One thread.
 */
#ifndef STATEFUL_SIMULATION_H
#define STATEFUL_SIMULATION_H

#include <stateful/simulation_report.h>
#include <stateful/simulation_subject.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one history. Fails only if it cannot be run at all (SF_INVALID: the subject makes no sense); a
 * history that went wrong is a report. */
sf_status sf_simulation_run(const sf_simulation_subject *subject,
                            const sf_simulation_options *options, sf_simulation_report *report,
                            sf_error *err);

/* After a failed run with these options: leaves out faults as long as it still fails. left_out has
 * report->faults entries and says which are not needed; report is that of the last failed run. */
sf_status sf_simulation_shrink(const sf_simulation_subject *subject,
                               const sf_simulation_options *options, bool *left_out,
                               sf_simulation_report *report, sf_error *err);

/* The main() of a program of subjects:
 *
 *   --seed N           one history, with its trace hash; --trace: with all that happens
 *   --seeds N          histories 1 ... N of each subject (100); --from N: from there on
 *   --subject NAME     only that one
 *   --rocksdb N        one history in N on RocksDB, in a directory below TMPDIR
 *   --without-faults
 *   --no-shrinking     a failure is printed as it is: where histories fail slowly, that takes long
 *
 * A subject's first failure is shrunk and printed; then it goes on with the next subject. Returns 0 if all
 * went well, 1 if not, 2 if an option makes no sense. */
int sf_simulation_main(int argc, char **argv, const sf_simulation_subject *subjects, size_t count);

#ifdef __cplusplus
}
#endif

#endif
