/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys, straight from the system so that nothing else shares its pages. */
#include "crypto/secret.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/log.h"

void *secret_new(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    if (mlock(at, size) != 0)
        log_line(SMG_WARN, "crypto", "cannot lock key memory, it may be swapped out: %s",
                 strerror(errno));
    if (madvise(at, size, MADV_DONTDUMP) != 0)
        log_line(SMG_WARN, "crypto", "cannot keep key memory out of core dumps: %s",
                 strerror(errno));
    return at;
}

void secret_free(void *at, size_t size)
{
    if (at == NULL)
        return;
    str_wipe(at, size);
    if (munmap(at, size) != 0)
        log_line(SMG_ERROR, "crypto", "cannot give key memory back: %s", strerror(errno));
}
