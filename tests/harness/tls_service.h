/* SPDX-License-Identifier: Apache-2.0 */
/* service.py for tests in C: a child that ends with the test, certificates in a folder, and doors
 * by name. */
#ifndef HARNESS_TLS_SERVICE_H
#define HARNESS_TLS_SERVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct tls_service {
    char folder[64];
    struct {
        char name[32];
        unsigned port;
    } doors[16];
    size_t door_count;
    pid_t pid;
    int input; /* closed: the child ends */
    FILE *output;
};

static inline void tls_service_start(struct tls_service *service)
{
    int in[2], out[2];
    char line[64];

    *service = (struct tls_service){ .folder = "/tmp/shiming-service-XXXXXX" };
    assert_non_null(mkdtemp(service->folder));
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    service->pid = fork();
    assert_true(service->pid >= 0);
    if (service->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execlp("python3", "python3", SOURCE_DIR "/tests/harness/service.py", service->folder,
               (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    service->input = in[1];
    service->output = fdopen(out[0], "r");
    assert_non_null(service->output);
    while (fgets(line, sizeof line, service->output) != NULL && strcmp(line, "ready\n") != 0) {
        assert_true(service->door_count < 16);
        assert_int_equal(sscanf(line, "%31s %u", service->doors[service->door_count].name,
                                &service->doors[service->door_count].port),
                         2);
        service->door_count++;
    }
    assert_string_equal(line, "ready\n");
}

static inline void tls_service_stop(struct tls_service *service)
{
    char command[128];
    int status;

    close(service->input);
    fclose(service->output);
    assert_int_equal(waitpid(service->pid, &status, 0), service->pid);
    snprintf(command, sizeof command, "rm -rf %s", service->folder);
    assert_int_equal(system(command), 0);
}

/* From now on every request is taken for one of this path; "": each for one of its own. */
static inline void tls_service_mode(struct tls_service *service, const char *path)
{
    char line[64];
    int len = snprintf(line, sizeof line, "%s\n", path);

    assert_int_equal(write(service->input, line, (size_t)len), len);
    assert_non_null(fgets(line, sizeof line, service->output));
    assert_string_equal(line, "done\n");
}

static inline unsigned tls_service_port(const struct tls_service *service, const char *door)
{
    for (size_t i = 0; i < service->door_count; i++)
        if (strcmp(service->doors[i].name, door) == 0)
            return service->doors[i].port;
    fail_msg("no door %s", door);
    return 0;
}

#endif
