/* simulated_consumer.h - a client that reads from the simulated cluster, alone or as a member of a group,
 * with librdkafka's habits.
 *
 *  1 Heartbeats and joining go on by themselves, on the clock, as on librdkafka's own thread: the
 *    generation may move while the application is busy. Its callbacks wait for a poll.
 *  2 What is revoked is told first, then what is assigned; after a revocation the member joins again.
 *  3 A member that the group no longer knows is told so as lost, and comes again as a new one.
 *  4 A reader is given what was fetched: records in order, below the last stable offset, without those
 *    of aborted transactions; its position passes markers.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_CONSUMER_H
#define SF_SIMULATION_SIMULATED_CONSUMER_H

#include "broker/broker_implementation.h"
#include "simulation/simulated_host.h"

sf_consumer *sf_simulated_consumer_new(sf_simulated_host *host, const sf_consumer_options *options);

/* What a token of one of these says. */
sf_simulated_group *sf_simulated_token_group(const sf_group_token *token);
sf_group_identity sf_simulated_token_identity(const sf_group_token *token);

#endif
