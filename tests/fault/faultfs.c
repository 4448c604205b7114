/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails on command: preloaded into a program, it lets chosen file calls go wrong.
 *
 *   FAULT_PATH   text that must be in the file's name; without it nothing ever fails
 *   FAULT_CALL   one or several of sync, write, truncate, open, grow (what makes a file longer)
 *   FAULT_ERRNO  EIO (preset), ENOSPC, EDQUOT or EROFS
 *   FAULT_AFTER  so many matching calls pass first (preset 0)
 *   FAULT_EVERY  then each so-many-th fails (preset 1: all)
 *   FAULT_TIMES  after so many failures all is well again (preset: never)
 *   FAULT_SHORT  yes: a write that fails leaves half its bytes behind
 *   FAULT_LIE    yes: a write that fails says it succeeded: the careless disk tests must catch
 *   FAULT_FLAG   a file; calls only fail, and are only counted, while it is there
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 4096 };

static atomic_long seen, failed;

static long number(const char *name, long preset)
{
    const char *text = getenv(name);

    return text == NULL ? preset : strtol(text, NULL, 10);
}

static int cause(void)
{
    static const struct {
        const char *name;
        int number;
    } causes[] = { { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT }, { "EROFS", EROFS } };
    const char *wanted = getenv("FAULT_ERRNO");

    for (size_t i = 0; wanted != NULL && i < sizeof causes / sizeof *causes; i++) {
        if (strcmp(wanted, causes[i].name) == 0)
            return causes[i].number;
    }
    return EIO;
}

/* Is it this call's turn to fail? */
static bool fails(const char *call, const char *file)
{
    const char *path = getenv("FAULT_PATH"), *wanted = getenv("FAULT_CALL");
    const char *flag = getenv("FAULT_FLAG");
    long after = number("FAULT_AFTER", 0), every = number("FAULT_EVERY", 1);
    long times = number("FAULT_TIMES", -1), turn;

    if (path == NULL || wanted == NULL || strstr(wanted, call) == NULL ||
        strstr(file, path) == NULL)
        return false;
    if (flag != NULL && access(flag, F_OK) != 0)
        return false;
    turn = atomic_fetch_add(&seen, 1);
    if (turn < after || (turn - after) % every != 0)
        return false;
    return times < 0 || atomic_fetch_add(&failed, 1) < times;
}

static bool fails_on(const char *call, int fd)
{
    char link[64], file[NAME_BYTES];
    int before = errno;
    ssize_t len;
    bool result;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, file, sizeof file - 1);
    file[len < 0 ? 0 : len] = '\0';
    result = fails(call, file);
    errno = before;
    return result;
}

/* The C library's own function of this name. POSIX lets a pointer be read as a function. */
#define REAL(name)                                                                                 \
    __typeof__(&name) real;                                                                        \
    *(void **)(&real) = dlsym(RTLD_NEXT, #name)

int fsync(int fd)
{
    REAL(fsync);

    if (!fails_on("sync", fd))
        return real(fd);
    errno = cause();
    return -1;
}

int fdatasync(int fd)
{
    REAL(fdatasync);

    if (!fails_on("sync", fd))
        return real(fd);
    errno = cause();
    return -1;
}

static bool fails_to_reach(int fd, off64_t end)
{
    struct stat about;

    return fstat(fd, &about) == 0 && end > about.st_size && fails_on("grow", fd);
}

static bool fails_to_write(int fd, size_t len, off64_t offset)
{
    return fails_on("write", fd) || fails_to_reach(fd, offset + (off64_t)len);
}

static bool lies(void)
{
    return getenv("FAULT_LIE") != NULL;
}

/* How much of a failing write still happens. */
static size_t left_behind(size_t len)
{
    return getenv("FAULT_SHORT") != NULL ? len / 2 : 0;
}

ssize_t write(int fd, const void *at, size_t len)
{
    REAL(write);

    if (!fails_to_write(fd, len, lseek(fd, 0, SEEK_CUR)))
        return real(fd, at, len);
    if (lies())
        return (ssize_t)len;
    if (left_behind(len) > 0)
        return real(fd, at, left_behind(len));
    errno = cause();
    return -1;
}

ssize_t pwrite(int fd, const void *at, size_t len, off_t offset)
{
    REAL(pwrite);

    if (!fails_to_write(fd, len, offset))
        return real(fd, at, len, offset);
    if (lies())
        return (ssize_t)len;
    if (left_behind(len) > 0)
        return real(fd, at, left_behind(len), offset);
    errno = cause();
    return -1;
}

ssize_t pwrite64(int fd, const void *at, size_t len, off64_t offset)
{
    REAL(pwrite64);

    if (!fails_to_write(fd, len, offset))
        return real(fd, at, len, offset);
    if (lies())
        return (ssize_t)len;
    if (left_behind(len) > 0)
        return real(fd, at, left_behind(len), offset);
    errno = cause();
    return -1;
}

int ftruncate(int fd, off_t len)
{
    REAL(ftruncate);

    if (!fails_on("truncate", fd) && !fails_to_reach(fd, len))
        return real(fd, len);
    errno = cause();
    return -1;
}

int ftruncate64(int fd, off64_t len)
{
    REAL(ftruncate64);

    if (!fails_on("truncate", fd) && !fails_to_reach(fd, len))
        return real(fd, len);
    errno = cause();
    return -1;
}

int fallocate64(int fd, int mode, off64_t offset, off64_t len)
{
    REAL(fallocate64);

    if ((mode & FALLOC_FL_KEEP_SIZE) != 0 || !fails_to_reach(fd, offset + len))
        return real(fd, mode, offset, len);
    errno = cause();
    return -1;
}

/* These two say what failed in their result, not in errno. */
int posix_fallocate(int fd, off_t offset, off_t len)
{
    REAL(posix_fallocate);

    return fails_to_reach(fd, offset + len) ? cause() : real(fd, offset, len);
}

int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
    REAL(posix_fallocate64);

    return fails_to_reach(fd, offset + len) ? cause() : real(fd, offset, len);
}

/* The mode is only passed, and may only be read, when a file is made. */
#define MODE_OF(flags, mode)                                                                       \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        (mode) = ((flags) & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;                \
        va_end(args);                                                                              \
    } while (0)

int open(const char *file, int flags, ...)
{
    REAL(open);
    mode_t mode;

    MODE_OF(flags, mode);
    if (!fails("open", file))
        return real(file, flags, mode);
    errno = cause();
    return -1;
}

int open64(const char *file, int flags, ...)
{
    REAL(open64);
    mode_t mode;

    MODE_OF(flags, mode);
    if (!fails("open", file))
        return real(file, flags, mode);
    errno = cause();
    return -1;
}
