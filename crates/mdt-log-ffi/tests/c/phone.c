/* A phone in C: everything that it keeps lies in one folder. Used by tests/c.rs, and an example of how to use the library.
 *
 *   phone FOLDER log N        logs N entries made of measurements, and a report of a failure
 *   phone FOLDER upload       writes sealed octets into FOLDER/out, with the unlock message of each
 *   phone FOLDER receipt      takes FOLDER/receipt, writes the tokens into FOLDER/tokens
 *   phone FOLDER clear        clears
 *   phone FOLDER misuse       gives the library what it must refuse
 */
#include "mdt_log.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;
static uint64_t now_ms = 1000;
static MdtPhone *phone;

#define MUST(call) must((call), #call, __LINE__)

static void must(MdtOutcome outcome, const char *what, int line) {
    if (outcome != MDT_OUTCOME_OK) {
        fprintf(stderr, "line %d: %s came to %d\n", line, what, (int)outcome);
        exit(1);
    }
}

static void check(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        exit(1);
    }
}

static const char *path(const char *name) {
    static char text[4096];
    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static const char *object_path(uint32_t object) {
    char name[32];
    snprintf(name, sizeof name, "object-%u", object);
    return path(name);
}

/* Reads a whole file; the octets, or -1. */
static long slurp(const char *name, uint8_t *into, size_t room) {
    FILE *file = fopen(name, "rb");
    if (!file) return -1;
    size_t octets = fread(into, 1, room, file);
    fclose(file);
    return (long)octets;
}

static int spill(const char *name, const char *mode, const uint8_t *octets, size_t count) {
    FILE *file = fopen(name, mode);
    if (!file) return MDT_PORT_FAILED;
    size_t written = fwrite(octets, 1, count, file);
    return fclose(file) == 0 && written == count ? MDT_PORT_OK : MDT_PORT_FAILED;
}

/* The ports. */

static uint64_t clock_ms(void *context) { (void)context; return now_ms; }

static uint64_t clock_s(void *context) { (void)context; return 1795600800; }

static int32_t draw(void *context, uint8_t *into, size_t octets) {
    (void)context;
    return getrandom(into, octets, 0) == (ssize_t)octets ? MDT_PORT_OK : MDT_PORT_FAILED;
}

static int32_t objects(void *context, uint32_t *into, size_t room, size_t *count) {
    (void)context;
    DIR *dir = opendir(folder);
    if (!dir) return MDT_PORT_FAILED;
    *count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        unsigned object;
        if (sscanf(entry->d_name, "object-%u", &object) != 1) continue;
        if (*count < room) into[*count] = object;
        ++*count;
    }
    closedir(dir);
    return MDT_PORT_OK;
}

static int32_t length(void *context, uint32_t object, uint32_t *octets) {
    (void)context;
    struct stat facts;
    if (stat(object_path(object), &facts) != 0) return MDT_PORT_MISSING;
    *octets = (uint32_t)facts.st_size;
    return MDT_PORT_OK;
}

static int32_t read_object(void *context, uint32_t object, uint32_t offset, uint8_t *into, size_t room, size_t *octets) {
    (void)context;
    FILE *file = fopen(object_path(object), "rb");
    if (!file) return MDT_PORT_MISSING;
    *octets = fseek(file, (long)offset, SEEK_SET) == 0 ? fread(into, 1, room, file) : 0;
    fclose(file);
    return MDT_PORT_OK;
}

static int32_t append(void *context, uint32_t object, const uint8_t *octets, size_t count) {
    (void)context;
    return spill(object_path(object), "ab", octets, count);
}

static int32_t flush(void *context, uint32_t object) {
    /* Called from inside a call: the library must not be called again. */
    (void)context;
    (void)object;
    check(!phone || mdt_flush(phone) == MDT_OUTCOME_BUSY, "a call from a callback is refused");
    return MDT_PORT_OK;
}

static int32_t erase(void *context, uint32_t object) {
    (void)context;
    unlink(object_path(object));
    return MDT_PORT_OK;
}

static int32_t vault_load(void *context, uint8_t *into, size_t room, size_t *octets) {
    (void)context;
    long read = slurp(path("vault"), into, room);
    if (read < 0) return MDT_PORT_MISSING;
    *octets = (size_t)read;
    return MDT_PORT_OK;
}

static int32_t vault_replace(void *context, const uint8_t *octets, size_t count) {
    (void)context;
    char old[4096];
    snprintf(old, sizeof old, "%s", path("vault.new"));
    if (spill(old, "wb", octets, count) != MDT_PORT_OK) return MDT_PORT_FAILED;
    return rename(old, path("vault")) == 0 ? MDT_PORT_OK : MDT_PORT_FAILED;
}

static const MdtPorts PORTS = {
    .now_ms = clock_ms, .now_s = clock_s, .random = draw, .objects = objects, .len = length, .read = read_object,
    .append = append, .flush = flush, .erase = erase, .vault_load = vault_load, .vault_replace = vault_replace,
};

static const MdtCell CELL = {.plmn = {0x32, 0xf4, 0x51}, .cell = 0x1234501};

static void start(const MdtPorts *ports, MdtOutcome expected) {
    static uint8_t root[32], list[8192];
    check(slurp(path("root"), root, sizeof root) == 32, "there is a root");
    long octets = slurp(path("key-list"), list, sizeof list);
    check(octets > 0, "there is a key list");
    MdtStart facts = {.profile = MDT_PROFILE_REDUCED, .boot = {1}, .roots = root, .roots_count = 1,
                      .key_list = list, .key_list_octets = (size_t)octets, .key_list_version = 3};
    MdtPhone *made;
    check(mdt_start(ports, &facts, &made) == expected, "the phone starts as expected");
    check((made != NULL) == (expected == MDT_OUTCOME_OK), "there is a phone if it started");
    phone = made;
}

static MdtOverview overview(void) {
    MdtOverview seen;
    MUST(mdt_overview(phone, &seen));
    return seen;
}

/* Answers what is asked; how many entries were logged. */
static int answer(void) {
    int entries = 0;
    for (MdtRequest request;;) {
        MUST(mdt_next_request(phone, &request));
        if (request.kind == MDT_REQUEST_NONE) return entries;
        check(request.kind == MDT_REQUEST_MEASURE, "nothing but measurements is asked for");
        static const uint8_t point[] = {0x00, 0x49, 0x41, 0x45, 0x7f, 0xe8, 0xbc};
        MdtNeighbour neighbour = {.arfcn = 1300, .pci = 10, .same_rat = 1, .results = {35, 18, MDT_NOT_MEASURED}};
        MdtMeasurement measured = {.serving = &CELL, .serving_results = {40, 20, MDT_NOT_MEASURED}, .serving_arfcn = 1300,
                                   .neighbours = &neighbour, .neighbours_count = 1, .location = point,
                                   .location_octets = sizeof point, .location_ms = now_ms};
        uint8_t logged = 0;
        MUST(mdt_measured(phone, &measured, 0, &logged));
        entries += logged;
    }
}

static void log_entries(int wanted) {
    MdtRadio radio = {.camping = MDT_CAMPING_NORMALLY, .rat = MDT_RAT_EUTRA, .rplmn = CELL.plmn, .cell = &CELL};
    MUST(mdt_radio(phone, &radio));
    static const uint8_t reference[] = {0x32, 0xf4, 0x51, 0, 0, 1}, consent[] = "consent-1";
    MdtConfiguration configuration = {
        .trace_reference = reference, .trace_reference_octets = sizeof reference, .recording_session = {0, 1}, .tce_id = 1,
        .absolute_time = {0x26, 0x11, 0x28, 0x12, 0, 0}, .rat = MDT_RAT_EUTRA, .content = MDT_CONTENT_CBOR,
        .interval_ms = 5120, .duration_s = 7200, .consent = consent, .consent_octets = sizeof consent - 1,
        .trigger = MDT_TRIGGER_PERIODICAL, .cells = &CELL, .cells_count = 1,
    };
    MUST(mdt_configure(phone, &configuration));
    int entries = answer();
    while (entries < wanted) {
        now_ms = overview().deadline_ms;
        MUST(mdt_event(phone, MDT_EVENT_TICK));
        entries += answer();
    }
    MUST(mdt_flush(phone));
    uint8_t failure[] = "failure", sealed = 0;
    MUST(mdt_report(phone, MDT_REPORT_RADIO_LINK_FAILURE, MDT_CONTENT_EUTRA_UPER, failure, 7, NULL, 0, 1, &sealed));
    check(sealed == 1 && failure[0] == 0 && failure[6] == 0, "the report is sealed and wiped");
    printf("%d\n", entries);
}

static void upload(void) {
    MdtRadio radio = {.camping = MDT_CAMPING_NORMALLY, .rat = MDT_RAT_EUTRA, .rplmn = CELL.plmn, .cell = &CELL};
    MUST(mdt_radio(phone, &radio));
    MUST(mdt_upload(phone));
    mkdir(path("out"), 0700);
    for (;;) {
        uint8_t octets[700], message[2048];
        MdtPiece piece;
        MUST(mdt_next_piece(phone, octets, sizeof octets, &piece));
        if (piece.octets == 0) return;
        char name[128];
        int at = snprintf(name, sizeof name, "out/");
        for (int i = 0; i < 16; i++) at += snprintf(name + at, sizeof name - (size_t)at, "%02x", piece.segment[i]);
        check(spill(path(name), "ab", octets, piece.octets) == 0, "a piece is written");
        if (piece.offset + piece.octets < piece.of) continue;
        size_t length;
        check(mdt_unlock(phone, message, 10, &length) == MDT_OUTCOME_ROOM, "ten octets are not enough");
        MUST(mdt_unlock(phone, message, sizeof message, &length));
        snprintf(name + at, sizeof name - (size_t)at, ".unlock");
        check(spill(path(name), "wb", message, length) == 0, "a message is written");
    }
}

static void receipt(void) {
    static uint8_t octets[8192];
    static MdtSubmission submissions[16];
    long count = slurp(path("receipt"), octets, sizeof octets);
    check(count > 0, "there is a receipt");
    MdtDelivery delivery;
    octets[count - 1] ^= 1;
    check(mdt_received(phone, octets, (size_t)count, submissions, 16, &delivery) == MDT_OUTCOME_RECEIPT_FORGED,
          "a forged receipt is refused");
    octets[count - 1] ^= 1;
    MUST(mdt_received(phone, octets, (size_t)count, submissions, 16, &delivery));
    unlink(path("tokens"));
    for (size_t i = 0; i < delivery.count; i++) spill(path("tokens"), "ab", submissions[i].token, 32);
    printf("%zu %d %u\n", delivery.count, delivery.cleared_meanwhile, overview().segments);
}

static void misuse(void) {
    MdtOverview seen;
    check(mdt_overview(NULL, &seen) == MDT_OUTCOME_ARGUMENT, "no phone");
    check(mdt_overview(phone, NULL) == MDT_OUTCOME_ARGUMENT, "no room");
    check(mdt_event(phone, 99) == MDT_OUTCOME_ARGUMENT, "an event that there is not");
    check(mdt_configure(phone, NULL) == MDT_OUTCOME_ARGUMENT, "no configuration");
    MdtRadio radio = {.camping = 7, .rat = MDT_RAT_NR};
    check(mdt_radio(phone, &radio) == MDT_OUTCOME_ARGUMENT, "a way to camp that there is not");
    check(mdt_entry(phone, NULL, 5, 1, &(uint8_t){0}) == MDT_OUTCOME_ARGUMENT, "five octets nowhere");
    check(mdt_next_piece(phone, NULL, 0, &(MdtPiece){0}) == MDT_OUTCOME_ROOM, "a piece into nothing");
    check(mdt_unlock(phone, NULL, 0, &(size_t){0}) == MDT_OUTCOME_NOTHING_TO_UPLOAD, "no upload runs");
    check(mdt_renew(phone, (const uint8_t *)"MDTK\1", 5, &(uint64_t){0}) == MDT_OUTCOME_KEY_LIST_FORGED, "a forged list");
    uint8_t entry[3] = {1, 2, 3}, logged = 9;
    MUST(mdt_entry(phone, entry, 3, 1, &logged));
    check(logged == 0 && entry[0] == 0 && entry[2] == 0, "an entry that nobody asked for is wiped and not logged");
    mdt_end(phone);
    mdt_end(NULL);
    phone = NULL;
    MdtPorts ports = PORTS;
    ports.erase = NULL;
    start(&ports, MDT_OUTCOME_ARGUMENT);
    puts("refused");
}

int main(int arguments, char **words) {
    check(arguments >= 3, "phone FOLDER WHAT");
    folder = words[1];
    /* The clock goes on from where the last command left it. */
    slurp(path("clock"), (uint8_t *)&now_ms, sizeof now_ms);
    start(&PORTS, MDT_OUTCOME_OK);
    if (!strcmp(words[2], "log")) log_entries(atoi(words[3]));
    else if (!strcmp(words[2], "upload")) upload();
    else if (!strcmp(words[2], "receipt")) receipt();
    else if (!strcmp(words[2], "clear")) {
        MUST(mdt_event(phone, MDT_EVENT_CLEAR));
        uint8_t reference[64];
        size_t octets = 0;
        check(mdt_consent_reference(phone, reference, 3, &octets) == MDT_OUTCOME_ROOM, "three octets are not enough");
        MUST(mdt_consent_reference(phone, reference, sizeof reference, &octets));
        check(octets == 9 && !memcmp(reference, "consent-1", 9), "the register knows the user by the job's evidence");
        check(mdt_upload(phone) == MDT_OUTCOME_NOTHING_TO_UPLOAD, "nothing is left");
        printf("%u %u\n", overview().segments, overview().reports);
    } else if (!strcmp(words[2], "misuse")) misuse();
    else check(0, "a command that there is");
    mdt_end(phone);
    return spill(path("clock"), "wb", (const uint8_t *)&now_ms, sizeof now_ms);
}
