/* windowed_implementation.h - what operators ask of a serde: whether its keys are windowed ones. */
#ifndef SF_RECORD_WINDOWED_IMPLEMENTATION_H
#define SF_RECORD_WINDOWED_IMPLEMENTATION_H

#include <stateful/windowed.h>

/* NULL: the serde (may be NULL) is none of sf_windowed_serde or sf_session_windowed_serde. */
const sf_windowed_format *sf_serde_windowed_format(const sf_serde *serde);

/* How many bytes of such a key on the wire are its window, behind the key itself; 0 for other serdes. */
size_t sf_serde_windowed_tail(const sf_serde *serde);

#endif
