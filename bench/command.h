/* What every command of the operators' tool has in common: how it is run, how it ends, and how it complains. */
#ifndef RELEVO_BENCH_COMMAND_H
#define RELEVO_BENCH_COMMAND_H

enum command_exit {
    COMMAND_done = 0,
    COMMAND_failed = 1, /* asked for rightly, but it did not work out */
    COMMAND_wrong = 2,  /* asked for wrongly: nothing was done */
};

struct command {
    const char *name;    /* one word, or two: "bench route" */
    const char *summary; /* one line for `relevo help` */
    /* The arguments after the command's words. `--help` among them prints the command's options. */
    enum command_exit (*run)(int argc, char **argv);
};

enum command_exit command_status(int argc, char **argv);
enum command_exit command_watch(int argc, char **argv);
enum command_exit command_report(int argc, char **argv);
enum command_exit command_history(int argc, char **argv);
enum command_exit command_why(int argc, char **argv);
enum command_exit command_why_not(int argc, char **argv);
enum command_exit command_peek(int argc, char **argv);
enum command_exit command_move(int argc, char **argv);
enum command_exit command_bury(int argc, char **argv);
enum command_exit command_pause(int argc, char **argv);
enum command_exit command_unpause(int argc, char **argv);
enum command_exit command_token(int argc, char **argv);
enum command_exit command_simulate(int argc, char **argv);
enum command_exit command_bench_engine(int argc, char **argv);
enum command_exit command_bench_route(int argc, char **argv);
enum command_exit command_bench_conversation(int argc, char **argv);
enum command_exit command_bench_sessions(int argc, char **argv);
enum command_exit command_bench_growth(int argc, char **argv);
enum command_exit command_bench_bystanders(int argc, char **argv);
enum command_exit command_bench_codec(int argc, char **argv);
enum command_exit command_bench_store(int argc, char **argv);
enum command_exit command_bench_restart(int argc, char **argv);
enum command_exit command_bench_history(int argc, char **argv);
enum command_exit command_bench_limits(int argc, char **argv);

/* Prints "relevo NAME: ..." on stderr: what, where and what to do. */
void command_complain(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
