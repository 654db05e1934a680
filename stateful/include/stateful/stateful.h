/* stateful.h - all public headers of the library. */
#ifndef STATEFUL_STATEFUL_H
#define STATEFUL_STATEFUL_H

#include <stateful/arena.h>
#include <stateful/broker.h>
#include <stateful/broker_group.h>
#include <stateful/broker_setting.h>
#include <stateful/builder.h>
#include <stateful/bytes.h>
#include <stateful/clock.h>
#include <stateful/cogrouped.h>
#include <stateful/config.h>
#include <stateful/connect.h>
#include <stateful/consumed.h>
#include <stateful/drop_reason.h>
#include <stateful/error.h>
#include <stateful/functions.h>
#include <stateful/grouped.h>
#include <stateful/key_value_store.h>
#include <stateful/log.h>
#include <stateful/partitioner.h>
#include <stateful/processor.h>
#include <stateful/record.h>
#include <stateful/recorder.h>
#include <stateful/run_state.h>
#include <stateful/runtime_metrics.h>
#include <stateful/serde.h>
#include <stateful/session_store.h>
#include <stateful/simulation.h>
#include <stateful/simulation_outcome.h>
#include <stateful/simulation_report.h>
#include <stateful/simulation_subject.h>
#include <stateful/store.h>
#include <stateful/stream.h>
#include <stateful/streams.h>
#include <stateful/table.h>
#include <stateful/table_grouped.h>
#include <stateful/test_driver.h>
#include <stateful/topology.h>
#include <stateful/versioned_store.h>
#include <stateful/view.h>
#include <stateful/view_iterator.h>
#include <stateful/window.h>
#include <stateful/window_store.h>
#include <stateful/windowed.h>

#endif
