/* Stories for the engine: a script of what happens, with what the engine must record written under each line.
 *
 *   at 5000                                    time moves to 5 s (deadlines on the way run when due)
 *   hello WHO | bye WHO | touch WHO            WHO: an account, agent or operator of the standard configuration
 *   available WHO | away WHO
 *   message ACCOUNT ADDRESS TEXT [topic=T] [language=L] [priority=P] [key=K]
 *   leave ACCOUNT ADDRESS
 *   receipt ACCOUNT cN LSN STATE
 *   accept WHO cN | decline WHO cN | reply WHO cN eE TEXT [key=K] | note WHO cN TEXT
 *   transfer WHO cN eE [queue=Q] [agent=A] [skill=S:L] | finish WHO cN eE [state=S]
 *   fetched WHO LSN                            acknowledges its outbox up to there
 *   outbox WHO                                 shows what WHO has not acknowledged
 *   checkpoint N | crash                       writes N rows | loses the memory and comes back
 *   = LINE                                     the next record (or refusal, or outbox line) of the command above must be LINE
 *
 * Between two commands every expected line must have been used up. Each story ends with a crash: restart must give the same state.
 *
 * The standard configuration: accounts wa (whatsapp), web (webchat), mail (email); queues front, support, billing; agents
 * ana (support, billing; spanish:4 billing:3), ben (support; english:3), carla (support, billing; spanish:2 english:5 billing:1; capacity
 * 40), auto (support; auto_accept), bot (front; a bot, auto_accept); operator ops. Rules: topic bot -> front; topic billing -> billing, all
 * billing:2; language es -> support, all spanish:2; language any -> support, any spanish:4 english:5; topic none -> no rule (account mail
 * has none); else support. */
#ifndef RELEVO_STORY_H
#define RELEVO_STORY_H

/* Plays the script; prints where and how it differs and fails the cmocka test when it does. */
void story(const char *script);

/* The standard configuration, for tests that drive a world themselves. */
const struct config *story_config(void);

#endif
