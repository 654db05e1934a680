/* simulated_broker.h - the simulated cluster behind <stateful/broker.h>: what a host is given for its
 * broker. One thread. */
#ifndef SF_SIMULATION_SIMULATED_BROKER_H
#define SF_SIMULATION_SIMULATED_BROKER_H

#include "broker/broker_implementation.h"

const sf_broker_ops *sf_simulated_broker_ops(void);

#endif
