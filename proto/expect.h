/* How the language side of a process stops on purpose: our own bug (EXPECT, on in release too) and no memory left. A line, then abort(). */
#ifndef RELEVO_EXPECT_H
#define RELEVO_EXPECT_H

_Noreturn void expect_failed(const char *file, int line, const char *what);

#define EXPECT(condition) ((condition) ? (void)0 : expect_failed(__FILE__, __LINE__, #condition))

#endif
