#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/limits/limits.h"

pid_t limits_process(void (*serve)(void *context), void *context)
{
    pid_t parent = getpid(), process = fork();
    if (process == 0) {
        /* It must not outlive its parent, which may be gone before the kernel was asked. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            serve(context);
        _exit(0);
    }
    if (process < 0)
        command_complain(LIMITS_COMMAND, "no process could be started: %s", strerror(errno));
    return process;
}

void limits_process_end(pid_t process)
{
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}
