/* customer_model.h - the commands on customers (see write_model.h). */
#ifndef COMMAND_SERVICE_CUSTOMER_MODEL_H
#define COMMAND_SERVICE_CUSTOMER_MODEL_H

#include "write_model.h"

/* With an id of the client's own, or 0 for any. */
void customer_model_create(const struct write_model *model, struct write_command *command);
void customer_model_update(const struct write_model *model, struct write_command *command);

#endif
