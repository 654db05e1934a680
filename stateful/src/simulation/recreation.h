/* recreation.h - a topic that somebody deletes and makes anew, empty, while the application reads or
 * writes it; and what has to come of it.
 *
 *  1 An input is not fed from then on, so that the new topic does not come to look like the old one.
 *  2 No process that is started later works on a position beyond the end of the new topic, and none that
 *    reads an input goes on unawares: it ends with a sentence that names the topic.
 *  3 Whoever has a store and writes its changelog notices at the first commit that ends before where the
 *    store is. A commit that is longer than all that was there before looks like any other.
 *  4 Where no position is beyond the end, nothing was lost, and all goes on as the model says.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_RECREATION_H
#define SF_SIMULATION_RECREATION_H

#include <stateful/simulation_report.h>

#include "simulation/world.h"

/* The topic of that number, of inputs, repartition topics and changelogs in turn, is deleted and made
 * anew, at most once in a history; false: it is not there. */
bool sf_recreation_strike(sf_world *world, size_t number);

/* Whether all that would come of it now could be judged: the changelog of a machine that works alone is to
 * have something in it, and the machine's state all of that. */
bool sf_recreation_can_be_judged(const sf_world *world, size_t number);

/* After the last fault, in place of waiting for everything to be processed: all machines are started
 * again, until one of them has said what is wrong (*is_told) or everything is processed. What is wrong
 * with that becomes the cluster's complaint. */
void sf_recreation_end(sf_world *world, bool *is_told);

/* Whether the model can tell what is to be there: not if something was lost that nobody can notice. */
bool sf_recreation_is_judged(const sf_world *world);

#endif
