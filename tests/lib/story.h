/* Stories for the engine: a script of what happens, with what the engine must record written under each line.
 *
 *   at 5000                       time moves to 5 s (deadlines on the way run when due)
 *   late 5000                     the same at once, as when the broker could not look for a while
 *   hello WHO, bye WHO, touch WHO WHO: an account, agent or operator of the configuration
 *   stay WHO, silent WHO          gives a sign of life whenever time passes, or no longer; WHO may be all
 *   available WHO, away WHO [reason=R], wrap_up WHO delay=MS
 *   message ACCOUNT ADDRESS TEXT [topic=T] [language=L] [priority=P] [key=K] [window=MS] [pattern=I] [NAME:VALUE, an attribute]
 *   comes WHO                     hello and available: shows only what follows from it
 *   arrives ACCOUNT ADDRESS [as for message]   a first message: shows only what follows from it
 *   leave ACCOUNT ADDRESS
 *   receipt ACCOUNT cN LSN STATE
 *   accept WHO cN, decline WHO cN [delay=MS], claim WHO cN, nack WHO cN eE [delay=MS]; reason=R wherever there may be one
 *   reply WHO cN eE TEXT [key=K], note WHO cN TEXT, finish WHO cN eE [state=S]
 *   transfer WHO cN eE [queue=Q] [agent=A] [skill=S:L] [result=R] [warm=1] [text=NOTE], escalate WHO cN eE [text=NOTE]
 *   consult WHO cN eE [queue=Q] [agent=A] [skill=S:L] [text=NOTE], recall WHO cN eE
 *   lend WHO cN eE agent=BOT delay=MS, give_back WHO cN eE [result=R]
 *   move ops cN queue=Q, bury ops cN, pause ops queue=Q, resume ops queue=Q
 *   reload                        the configuration anew, or the one after it (story_reloading)
 *   why cN [WHO]                  explains it, and what the matcher says of everyone who could serve it, or of WHO
 *   peek QUEUE, waiting QUEUE     who waits there, with keys; or with arrivals, offers and why it came there
 *   fetched WHO LSN, outbox WHO   acknowledges its outbox up to there; shows what it has not acknowledged
 *   checkpoint N, crash           writes N rows; loses the memory and comes back
 *   = LINE                        the next record (or refusal, or line shown) of the command above must be LINE
 *
 * Between two commands every expected line must have been used up. Each story ends with a crash: restart must give the same state.
 *
 * The standard configuration: accounts wa (whatsapp), web (webchat), mail (email); queues front, support, billing; agents
 * ana (support, billing; spanish:4 billing:3), ben (support; english:3), carla (support, billing; spanish:2 english:5 billing:1; capacity
 * 40), auto (support; auto_accept), bot (front; a bot, auto_accept); operator ops. Rules: topic bot -> front; topic billing -> billing, all
 * billing:2; language es -> support, all spanish:2; language any -> support, any spanish:4 english:5; topic none -> no rule (account mail
 * has none); else support. Queues and channel types are as an empty configuration makes them (offers of 30 s, 300 s for mail). */
#ifndef RELEVO_STORY_H
#define RELEVO_STORY_H

#include "config/config.h"

enum { SETUP_MAX = 16, STORY_START_MS = 1000000 };

/* A configuration to change before a story is told on it. */
struct setup {
    struct config config;
    struct config_account accounts[SETUP_MAX];
    struct config_agent agents[SETUP_MAX];
    struct config_queue queues[SETUP_MAX];
    struct config_rule rules[SETUP_MAX];
    struct config_channel channels[SETUP_MAX];
    struct config_calendar calendars[SETUP_MAX];
    struct config_interval intervals[SETUP_MAX][SETUP_MAX];
};

/* The standard one. */
void story_setup(struct setup *setup);
/* The standard one with sessions that end only with the story. */
void story_setup_patient(struct setup *setup);
/* Found, or added: a queue like front, an agent like ben, a messaging channel. Texts are borrowed. */
struct config_queue *setup_queue(struct setup *setup, const char *name);
struct config_agent *setup_agent(struct setup *setup, const char *name);
struct config_channel *setup_channel(struct setup *setup, const char *name);
/* A calendar that is open from the first time to the second, from the third to the fourth, ...; in the time of the story. */
void setup_calendar(struct setup *setup, const char *name, const int64_t *times, uint32_t count);
/* ben serves billing too, as ana does, but has not her skills. */
void setup_ben_in_billing(struct setup *setup);
/* A rule before all others; the caller adds its conditions. Steps are borrowed; `plan` may be NULL for one step. */
struct config_rule *setup_rule(struct setup *setup, struct config_step *steps, uint32_t count, const char *plan);

/* Beginnings that many stories share. */
#define BEN_OWNS_C1                                                                                                                        \
    "hello wa\n"                                                                                                                           \
    "hello ben\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "available ben\n= agent_state ben available\n"                                                                                         \
    "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"                                                             \
    "accept ben c1\n= assigned c1 ben e1\n"

#define ANA_IS_AVAILABLE                                                                                                                   \
    "hello ana\n"                                                                                                                          \
    "stay ana\n"                                                                                                                           \
    "available ana\n= agent_state ana available\n"

/* Plays the script; prints where and how it differs and fails the cmocka test when it does. */
void story(const char *script);
/* The same on this configuration. */
void story_on(const struct setup *setup, const char *script);

/* The same; `reload` makes `after` the configuration. */
void story_reloading(const struct setup *before, const struct setup *after, const char *script);

/* The standard configuration, for tests that drive a world themselves. */
const struct config *story_config(void);

#endif
