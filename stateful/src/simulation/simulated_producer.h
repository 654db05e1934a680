/* simulated_producer.h - a client that writes to the simulated cluster, with librdkafka's habits.
 *
 *  1 Records wait in the client; some go at once, all go with a flush or a commit, in order.
 *  2 A fenced producer may still begin and send: it learns of it when records are delivered or the
 *    transaction is to end, and then for good.
 *  3 A commit without an answer is asked for again by the same call.
 *
 * One thread.
 */
#ifndef SF_SIMULATION_SIMULATED_PRODUCER_H
#define SF_SIMULATION_SIMULATED_PRODUCER_H

#include "broker/broker_implementation.h"
#include "simulation/simulated_host.h"

sf_status sf_simulated_producer_new(sf_simulated_host *host, const sf_producer_options *options,
                                    sf_producer **producer, sf_error *err);

#endif
