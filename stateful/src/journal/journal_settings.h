/* journal_settings.h - the journal's options by name, as they stand among an application's broker
 * settings: "journal.fsync" and so on. Any thread. */
#ifndef SF_JOURNAL_JOURNAL_SETTINGS_H
#define SF_JOURNAL_JOURNAL_SETTINGS_H

#include "journal/journal.h"

/* Whether there is one of that name, and all names; constants. */
bool sf_journal_setting_exists(const char *name);
const char *sf_journal_setting_name(size_t index); /* NULL: there are no more */

/* Takes settings into the options. SF_INVALID: the message names the setting, and what there is. */
sf_status sf_journal_settings_apply(const sf_broker_setting *settings, size_t count,
                                    sf_journal_options *options, sf_error *err);

#endif
