/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin in its confined process, the line it hangs on, the device that is played at the other
 * end, and everything it says while a read goes on. */
#ifndef KIT_STAND_H
#define KIT_STAND_H

#include "config/config.h"
#include "kit/cable.h"
#include "plugin/library.h"
#include "plugin/reader.h"

enum { STAND_START_MS = 12000, STAND_GRACE_MS = 200, STAND_SLACK_MS = 300 };

/* What a plugin did that none may do. The texts are what a person is told. */
#define STAND_WRONGS(W)                                                                            \
    W(CRASHED, "its process died")                                                                 \
    W(EXITED, "it ended its process")                                                              \
    W(LATE, "it did not end when it was told to, and was killed")                                  \
    W(SLOW, "it ended too late")                                                                   \
    W(NONSENSE, "it answered what no plugin may")                                                  \
    W(NO_DONE, "read returned without done")                                                       \
    W(SECOND_DONE, "it called done twice")                                                         \
    W(AFTER_DONE, "it answered after done")                                                        \
    W(FLOODS, "it says more than 20 lines a second")                                               \
    W(WALLS, "it tried what no reader's process may")                                              \
    W(TELLS, "what stands on the card is in its words")                                            \
    W(NOT_UP, "it does not start")

enum stand_wrong {
    STAND_FINE = 0,
#define STAND_ENUM(name, text) STAND_##name,
    STAND_WRONGS(STAND_ENUM)
#undef STAND_ENUM
        STAND_WRONG_COUNT
};
const char *stand_wrong_text(enum stand_wrong wrong);

/* One read: how it ended, and what was wrong besides. */
struct stand_read {
    int32_t code; /* SMG_OK or why it failed */
    char text[252];
    struct smg_fields *fields; /* NULL unless SMG_OK */
    int64_t took_ms;
    unsigned wrongs; /* a mask of 1 << enum stand_wrong */
    char detail[STAND_WRONG_COUNT][320];
};

/* What the stands of one plugin share. */
struct stand_plugin {
    struct loop *loop;
    struct library *library;
    const struct config_node *options; /* the user's, or NULL */
    const char *file;                  /* where they stand, or NULL */
    const char *device;                /* the option that names the line; NULL: it has none */
    const char *instead;               /* the user's option the line takes the place of, or NULL */
    char folder[200];                  /* for the links of the lines */
    bool says;                         /* its words go to stderr */
    bool scanner; /* it is played a scanner of machine readable zones, which speaks unasked */
};

/* Load a plugin (as library_load does) and find the option that names its device. options: the map
 * of the plugin's options (NULL: none). A device among them is a real one, and there is no line
 * then; unless `between`: then the plugin is given the line in its place. */
int stand_plugin_load(struct stand_plugin *plugin, struct loop *loop, const char *folder,
                      const char *name, const struct config_node *options, bool between,
                      struct smg_err *err);
/* A folder for the links of the lines, under TMPDIR; removed by stand_plugin_fini. */
int stand_plugin_place(struct stand_plugin *plugin, struct smg_err *err);
void stand_plugin_fini(struct stand_plugin *plugin);

struct stand {
    const struct stand_plugin *plugin;
    char name[24], link[256];
    struct cable cable;
    struct reader *reader;
    struct config_tree *options;
    struct stand_read read; /* being done, or the last */
    bool reading;
    int64_t began_us, deadline_ms, cancelled_us;
    struct loop_timer *timer;
    int64_t waited_ms;
    void (*done)(void *ctx);
    void *done_ctx;
    struct loop_timer *ear;
    int64_t listened_ms;
    bool listens;
    void (*listening)(void *ctx);
    void *listening_ctx;
};

/* device is told what the plugin writes; not called for a plugin without a line. */
int stand_open(struct stand *stand, const struct stand_plugin *plugin, unsigned number,
               cable_fn device, void *ctx, struct smg_err *err);
/* Ends the plugin. Returns how long its process took to stop, ms. What it said meanwhile is in
 * read. */
int64_t stand_close(struct stand *stand);

/* Call done when the plugin is ready for a read, or is not within STAND_START_MS: then read.wrongs
 * says so, and why. */
void stand_prepare(struct stand *stand, void (*done)(void *ctx), void *ctx);
/* One read; done is called when it ended. cancel_ms less than 0: it is not cancelled. */
void stand_read(struct stand *stand, int64_t deadline_ms, int64_t cancel_ms,
                void (*done)(void *ctx), void *ctx);
/* A device that speaks unasked is heard only by a plugin that listens: call `listening` when the
 * plugin has taken what was on the line before its read, or does not; never once the read ended.
 * After stand_read, with something on the line. */
void stand_listen(struct stand *stand, void (*listening)(void *ctx), void *ctx);
void stand_read_clear(struct stand_read *read);

/* Among the lines of the log, which the caller diverts to here: what one of these stands' plugins
 * did wrong. */
void stand_hear(struct stand *const *stands, size_t count, enum smg_level level, const char *who,
                const char *message);

/* The plugin's process as the system sees it; -1: it cannot be seen. */
struct stand_process {
    int64_t memory_kib, descriptors, threads;
    uint64_t signals; /* caught or ignored, a mask of 1 << (number - 1) */
};
struct stand_process stand_look(const struct stand *stand);

#endif
