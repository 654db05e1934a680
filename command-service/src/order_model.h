/* order_model.h - the commands on orders, and their history (see write_model.h). */
#ifndef COMMAND_SERVICE_ORDER_MODEL_H
#define COMMAND_SERVICE_ORDER_MODEL_H

#include "write_model.h"

void order_model_create(const struct write_model *model, struct write_command *command);
void order_model_change_status(const struct write_model *model, struct write_command *command);

/* Reads all events of the order; their texts are in the command's arena. */
void order_model_read_events(const struct write_model *model, struct write_command *command);

#endif
