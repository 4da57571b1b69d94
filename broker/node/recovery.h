/* Recovery: rows from the last checkpoints, then the log after them through the engine's own apply(), and the client keys of the records
 * before, so that a retry from before the restart is still known. */
#ifndef RELEVO_RECOVERY_H
#define RELEVO_RECOVERY_H

struct node;

/* Fills the new, empty engine from the store. */
void recovery_run(struct node *node);

#endif
