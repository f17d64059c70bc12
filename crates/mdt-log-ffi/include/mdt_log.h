#ifndef MDT_LOG_H
#define MDT_LOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * The phone's side of the sealed MDT log. docs/mdt-log.md says what it keeps and how; docs/phone-library.md how to use it.
 *
 * Every call gives an outcome. A pointer may be null only where it says so. Calls on one phone are made one at a time; a second is
 * refused with Busy. No call gives an entry back: what is sealed, this library cannot open.
 */

/*
 A callback did it.
 */
#define MDT_PORT_OK 0

/*
 There is no room.
 */
#define MDT_PORT_FULL 1

/*
 There is no such object or record.
 */
#define MDT_PORT_MISSING 2

/*
 It failed. Every other number means the same.
 */
#define MDT_PORT_FAILED 3

/*
 64 KiB of entries and more.
 */
#define MDT_PROFILE_STANDARD 0

/*
 16 KiB of entries and more, for devices of reduced capability.
 */
#define MDT_PROFILE_REDUCED 1

/*
 E-UTRA.
 */
#define MDT_RAT_EUTRA 0

/*
 NR.
 */
#define MDT_RAT_NR 1

/*
 UTRA.
 */
#define MDT_RAT_UTRA 2

/*
 Entries are LogMeasInfo-r10 in UPER.
 */
#define MDT_CONTENT_EUTRA_UPER 1

/*
 Entries are LogMeasInfo-r16 in UPER.
 */
#define MDT_CONTENT_NR_UPER 2

/*
 Entries are made by mdt_measured.
 */
#define MDT_CONTENT_CBOR 3

/*
 Each interval.
 */
#define MDT_TRIGGER_PERIODICAL 0

/*
 Each interval without coverage, and on the way back.
 */
#define MDT_TRIGGER_OUT_OF_COVERAGE 1

/*
 Each interval while the serving cell is worse than a threshold.
 */
#define MDT_TRIGGER_EVENT_L1 2

/*
 Camped on a suitable cell.
 */
#define MDT_CAMPING_NORMALLY 0

/*
 Any cell selection: no coverage.
 */
#define MDT_CAMPING_ANY_CELL_SELECTION 1

/*
 Camped on any cell, for emergency calls.
 */
#define MDT_CAMPING_ON_ANY_CELL 2

/*
 Connected.
 */
#define MDT_CAMPING_CONNECTED 3

/*
 Not measured.
 */
#define MDT_NOT_MEASURED -1

/*
 A configuration arrived in another radio access technology.
 */
#define MDT_EVENT_CONFIGURED_ELSEWHERE 0

/*
 Power off.
 */
#define MDT_EVENT_POWER_OFF 1

/*
 Deregistration.
 */
#define MDT_EVENT_DETACH 2

/*
 Time went on: to be sent at deadline_ms of the overview at the latest.
 */
#define MDT_EVENT_TICK 3

/*
 The user clears the log.
 */
#define MDT_EVENT_CLEAR 4

/*
 The user opts out, for good.
 */
#define MDT_EVENT_OPT_OUT 5

/*
 The user, and nobody else, lifts the opt-out.
 */
#define MDT_EVENT_OPT_IN 6

/*
 The user ends a pause.
 */
#define MDT_EVENT_RESUME 7

/*
 The register knows of the opt-out.
 */
#define MDT_EVENT_REGISTER_TOLD 8

/*
 Nothing more is asked.
 */
#define MDT_REQUEST_NONE 0

/*
 Measure now, and give the entry to mdt_entry or the measurement to mdt_measured before anything else.
 */
#define MDT_REQUEST_MEASURE 1

/*
 The configuration was refused: the user opted out.
 */
#define MDT_REQUEST_REFUSED_OPTED_OUT 2

/*
 The configuration was refused: a value is outside its range.
 */
#define MDT_REQUEST_REFUSED_UNSOUND 3

/*
 The configuration was refused: the key list has no valid key of its collection entity.
 */
#define MDT_REQUEST_REFUSED_UNKNOWN_COLLECTOR 4

/*
 Tell the register of the opt-out by mdt_consent_reference, then send `MDT_EVENT_REGISTER_TOLD`.
 */
#define MDT_REQUEST_TELL_REGISTER 5

/*
 A report of a radio link failure.
 */
#define MDT_REPORT_RADIO_LINK_FAILURE 1

/*
 A report of a failure of connection establishment or resume.
 */
#define MDT_REPORT_CONNECTION_FAILURE 2

/*
 No job, no log.
 */
#define MDT_PHASE_IDLE 0

/*
 A job runs.
 */
#define MDT_PHASE_LOGGING 1

/*
 The job ended, its log waits to be fetched.
 */
#define MDT_PHASE_KEPT 2

/*
 The user opted out.
 */
#define MDT_PHASE_OPTED_OUT 3

/*
 There is none.
 */
#define MDT_NEVER UINT64_MAX

/*
 What a call came to.
 */
typedef enum MdtOutcome {
  /*
   It was done.
   */
  MDT_OUTCOME_OK = 0,
  /*
   A value is outside its range, or a pointer is null.
   */
  MDT_OUTCOME_ARGUMENT = 1,
  /*
   Another call runs on this phone, in another thread or around the callback that this one was made from.
   */
  MDT_OUTCOME_BUSY = 2,
  /*
   The entry or report is too long: 2046 octets at most.
   */
  MDT_OUTCOME_TOO_LONG = 3,
  /*
   Nothing waits, the registered network is not one where it may be uploaded, or no such piece was given.
   */
  MDT_OUTCOME_NOTHING_TO_UPLOAD = 4,
  /*
   The random source failed. Nothing was done.
   */
  MDT_OUTCOME_RANDOM = 5,
  /*
   The storage or the vault failed. What had to be destroyed may not be: clear again.
   */
  MDT_OUTCOME_STORAGE = 6,
  /*
   The storage is full.
   */
  MDT_OUTCOME_FULL = 7,
  /*
   The vault's record is of another version.
   */
  MDT_OUTCOME_VAULT = 8,
  /*
   The key list is malformed, or no root signed it.
   */
  MDT_OUTCOME_KEY_LIST_FORGED = 9,
  /*
   A newer key list was seen.
   */
  MDT_OUTCOME_KEY_LIST_OLDER = 10,
  /*
   The key list expired.
   */
  MDT_OUTCOME_KEY_LIST_EXPIRED = 11,
  /*
   The key list has no valid key of the collection entity.
   */
  MDT_OUTCOME_COLLECTOR = 12,
  /*
   The receipt is malformed, or no key of the list signed it.
   */
  MDT_OUTCOME_RECEIPT_FORGED = 13,
  /*
   The library failed.
   */
  MDT_OUTCOME_INTERNAL = 14,
  /*
   The buffer is too small.
   */
  MDT_OUTCOME_ROOM = 15,
} MdtOutcome;

/*
 A phone. C sees a pointer to it.
 */
typedef struct MdtPhone MdtPhone;

/*
 What the phone brings. None may be null but `context`, which is given to each. None may call this library for the same phone.
 */
typedef struct MdtPorts {
  /*
   Whatever the callbacks need.
   */
  void *context;
  /*
   Milliseconds since the phone started, sleep included.
   */
  uint64_t (*now_ms)(void *context);
  /*
   Seconds since 1970.
   */
  uint64_t (*now_s)(void *context);
  /*
   Fills `into` with octets that nobody can guess.
   */
  int32_t (*random)(void *context, uint8_t *into, size_t octets);
  /*
   Writes the numbers of all objects, `room` at most, and how many there are in all; is asked again with more room.
   */
  int32_t (*objects)(void *context, uint32_t *into, size_t room, size_t *count);
  /*
   Octets of an object.
   */
  int32_t (*len)(void *context, uint32_t object, uint32_t *octets);
  /*
   Reads from `offset` on; writes how many octets there were, fewer than `room` at the end of the object only.
   */
  int32_t (*read)(void *context, uint32_t object, uint32_t offset, uint8_t *into, size_t room, size_t *octets);
  /*
   Appends; the object begins with its first octets.
   */
  int32_t (*append)(void *context, uint32_t object, const uint8_t *octets, size_t count);
  /*
   Makes durable what was appended.
   */
  int32_t (*flush)(void *context, uint32_t object);
  /*
   Overwrites and removes an object, durably. One that is not there is no error.
   */
  int32_t (*erase)(void *context, uint32_t object);
  /*
   Reads the record of the protected store, below 4096 octets, and its length; `MDT_PORT_MISSING` if there is none.
   */
  int32_t (*vault_load)(void *context, uint8_t *into, size_t room, size_t *octets);
  /*
   Replaces the record, at once and durably. The old one can then not be had back.
   */
  int32_t (*vault_replace)(void *context, const uint8_t *octets, size_t count);
} MdtPorts;

/*
 What a phone is told when its program starts.
 */
typedef struct MdtStart {
  /*
   `MDT_PROFILE_…`.
   */
  uint32_t profile;
  /*
   Drawn at each boot of the phone, the same until the next.
   */
  uint8_t boot[16];
  /*
   Ed25519 public keys that may sign the key list, 32 octets each.
   */
  const uint8_t *roots;
  /*
   How many.
   */
  size_t roots_count;
  /*
   The signed key list.
   */
  const uint8_t *key_list;
  /*
   Octets of it.
   */
  size_t key_list_octets;
  /*
   Version of the key list that was taken last, 0 at first.
   */
  uint64_t key_list_version;
} MdtStart;

/*
 A cell.
 */
typedef struct MdtCell {
  /*
   PLMN identity as on the air (TS 24.008 clause 10.5.1.3).
   */
  uint8_t plmn[3];
  /*
   28 bits in E-UTRA, 36 in NR.
   */
  uint64_t cell;
} MdtCell;

/*
 A logged measurement configuration (TS 38.331 clause 5.5a.1, TS 36.331 clause 5.6.6).
 */
typedef struct MdtConfiguration {
  /*
   Trace reference, at most 8 octets.
   */
  const uint8_t *trace_reference;
  /*
   Octets of it.
   */
  size_t trace_reference_octets;
  /*
   Trace recording session reference.
   */
  uint8_t recording_session[2];
  /*
   Trace collection entity.
   */
  uint8_t tce_id;
  /*
   absoluteTimeInfo: BCD, YY MM DD HH MM SS.
   */
  uint8_t absolute_time[6];
  /*
   `MDT_RAT_…`.
   */
  uint32_t rat;
  /*
   `MDT_CONTENT_…`.
   */
  uint32_t content;
  /*
   Logging interval, ms; 0 for infinity.
   */
  uint32_t interval_ms;
  /*
   Logging duration, s.
   */
  uint16_t duration_s;
  /*
   Evidence of consent, at most 64 octets.
   */
  const uint8_t *consent;
  /*
   Octets of it.
   */
  size_t consent_octets;
  /*
   `MDT_TRIGGER_…`.
   */
  uint32_t trigger;
  /*
   Of event L1: threshold, steps of half an index.
   */
  int16_t threshold_half;
  /*
   Of event L1: hysteresis, steps of half a dB.
   */
  uint8_t hysteresis_half;
  /*
   Of event L1: time to trigger, ms.
   */
  uint16_t time_to_trigger_ms;
  /*
   The area, as cells; null and 0 otherwise. With neither cells nor tracking areas: everywhere.
   */
  const struct MdtCell *cells;
  /*
   How many.
   */
  size_t cells_count;
  /*
   The area, as tracking area codes; null and 0 otherwise.
   */
  const uint32_t *tracking_areas;
  /*
   How many.
   */
  size_t tracking_areas_count;
  /*
   PLMNs where to log and to report besides the registered one, three octets each.
   */
  const uint8_t *plmns;
  /*
   How many.
   */
  size_t plmns_count;
} MdtConfiguration;

/*
 What the modem says of where the phone is.
 */
typedef struct MdtRadio {
  /*
   `MDT_CAMPING_…`.
   */
  uint32_t camping;
  /*
   `MDT_RAT_…`.
   */
  uint32_t rat;
  /*
   The registered PLMN, three octets; null if there is none.
   */
  const uint8_t *rplmn;
  /*
   The serving cell, or the last that was suitable; null if there is none.
   */
  const struct MdtCell *cell;
  /*
   Its tracking area code; null if it has none.
   */
  const uint32_t *tracking_area;
  /*
   Quality of the serving cell for event L1, in the unit of the threshold; null if it is not known.
   */
  const int16_t *quality_half;
} MdtRadio;

/*
 What the driver must do.
 */
typedef struct MdtRequest {
  /*
   `MDT_REQUEST_…`.
   */
  uint32_t kind;
  /*
   Of a measurement: relativeTimeStamp, s.
   */
  uint16_t relative_s;
  /*
   Of a measurement: 1 in any cell selection, else 0.
   */
  uint8_t any_cell_selection;
} MdtRequest;

/*
 Results of a cell, as the index of TS 38.133 or TS 36.133, or `MDT_NOT_MEASURED`.
 */
typedef struct MdtResults {
  /*
   RSRP.
   */
  int16_t rsrp;
  /*
   RSRQ.
   */
  int16_t rsrq;
  /*
   SINR.
   */
  int16_t sinr;
} MdtResults;

/*
 A neighbour.
 */
typedef struct MdtNeighbour {
  /*
   ARFCN of its technology.
   */
  uint32_t arfcn;
  /*
   Physical cell identity.
   */
  uint16_t pci;
  /*
   1 if it is of the technology of the serving cell, else 0.
   */
  uint8_t same_rat;
  /*
   What was measured.
   */
  struct MdtResults results;
} MdtNeighbour;

/*
 A measurement.
 */
typedef struct MdtMeasurement {
  /*
   The serving cell; null in any cell selection.
   */
  const struct MdtCell *serving;
  /*
   What was measured of it.
   */
  struct MdtResults serving_results;
  /*
   ARFCN of the serving cell, or of the last that was.
   */
  uint32_t serving_arfcn;
  /*
   Neighbours, the best ranked first.
   */
  const struct MdtNeighbour *neighbours;
  /*
   How many.
   */
  size_t neighbours_count;
  /*
   Where: a shape of TS 23.032, at most 91 octets; null if it is not known.
   */
  const uint8_t *location;
  /*
   Octets of it.
   */
  size_t location_octets;
  /*
   When the location was determined, ms since the phone started.
   */
  uint64_t location_ms;
} MdtMeasurement;

/*
 What may be shown to the user: counts.
 */
typedef struct MdtOverview {
  /*
   `MDT_PHASE_…`.
   */
  uint32_t phase;
  /*
   1 if the log may be fetched here (logMeasAvailable), else 0.
   */
  uint8_t available;
  /*
   1 if the vault could not be read at the start and the user must decide anew, else 0.
   */
  uint8_t undecided;
  /*
   Until when it is paused, ms since the phone started, or `MDT_NEVER`.
   */
  uint64_t paused_until_ms;
  /*
   When to send `MDT_EVENT_TICK` at the latest, ms since the phone started, or `MDT_NEVER`.
   */
  uint64_t deadline_ms;
  /*
   Records since the program started.
   */
  uint32_t records;
  /*
   Sealed octets of the log.
   */
  uint32_t octets;
  /*
   Segments.
   */
  uint32_t segments;
  /*
   Reports of failures.
   */
  uint32_t reports;
} MdtOverview;

/*
 A piece of what is uploaded.
 */
typedef struct MdtPiece {
  /*
   Octets of the piece; 0 when there is no more.
   */
  size_t octets;
  /*
   The epoch.
   */
  uint8_t epoch[16];
  /*
   The segment or report.
   */
  uint8_t segment[16];
  /*
   Where in it the piece begins.
   */
  uint32_t offset;
  /*
   Octets of the whole segment or report: with its last piece goes the unlock message.
   */
  uint32_t of;
} MdtPiece;

/*
 Something of this phone that a collector has. The token erases or exports it there: keep it in a protected place.
 */
typedef struct MdtSubmission {
  /*
   The segment or report.
   */
  uint8_t segment[16];
  /*
   The token.
   */
  uint8_t token[32];
} MdtSubmission;

/*
 What a receipt did.
 */
typedef struct MdtDelivery {
  /*
   How many submissions there are; those beyond the room of the caller were not written.
   */
  size_t count;
  /*
   1 if the user cleared in the meantime: the tokens erase at the collector what had reached it. Else 0.
   */
  uint8_t cleared_meanwhile;
} MdtDelivery;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Starts the phone's side, after a boot, a crash or an update. Writes the phone, or null if it does not start.

 # Safety
 `ports`, `start` and what they point to are as described; the callbacks do what they are described to do for as long as the phone
 lives, from whatever thread calls this library.
 */
enum MdtOutcome mdt_start(const struct MdtPorts *ports,
                          const struct MdtStart *start,
                          struct MdtPhone **phone);

/*
 Ends it. What was not flushed may be lost; nothing else.

 # Safety
 `phone` came from `mdt_start`, is not used again, and no other call runs.
 */
void mdt_end(struct MdtPhone *phone);

/*
 Takes a newer key list and writes its version, to be kept and shown at the next start.

 # Safety
 `phone` lives; `key_list` has so many octets.
 */
enum MdtOutcome mdt_renew(struct MdtPhone *phone, const uint8_t *key_list, size_t octets, uint64_t *version);

/*
 A configuration arrived. What becomes of it is among the requests.

 # Safety
 `phone` lives; `configuration` is as described.
 */
enum MdtOutcome mdt_configure(struct MdtPhone *phone, const struct MdtConfiguration *configuration);

/*
 The modem says where the phone is.

 # Safety
 `phone` lives; `radio` is as described.
 */
enum MdtOutcome mdt_radio(struct MdtPhone *phone, const struct MdtRadio *radio);

/*
 Something happened, `MDT_EVENT_…`. When the outcome is `Storage`, send it again, or `MDT_EVENT_CLEAR`, until it is `Ok`.

 # Safety
 `phone` lives.
 */
enum MdtOutcome mdt_event(struct MdtPhone *phone,
                          uint32_t event);

/*
 The user wants a pause of so many milliseconds.

 # Safety
 `phone` lives.
 */
enum MdtOutcome mdt_pause(struct MdtPhone *phone, uint64_t duration_ms);

/*
 Writes what the driver must do next. Ask after every call until it is `MDT_REQUEST_NONE`.

 # Safety
 `phone` lives; `request` has room for one.
 */
enum MdtOutcome mdt_next_request(struct MdtPhone *phone, struct MdtRequest *request);

/*
 Seals the entry that was asked for; its octets are zero afterwards. Durable at once if `durable` is not 0, else by `mdt_flush`.
 Writes 1 if it was logged, 0 if nobody asked for one or the memory is full.

 # Safety
 `phone` lives; `content` has so many octets that nobody else reads or writes; `logged` has room for one octet.
 */
enum MdtOutcome mdt_entry(struct MdtPhone *phone,
                          uint8_t *content,
                          size_t octets,
                          uint8_t durable,
                          uint8_t *logged);

/*
 Makes the entry that was asked for out of a measurement, for configurations with `MDT_CONTENT_CBOR`, and seals it as `mdt_entry`
 does. The measurement stays the caller's to wipe.

 # Safety
 `phone` lives; `measurement` is as described; `logged` has room for one octet.
 */
enum MdtOutcome mdt_measured(struct MdtPhone *phone,
                             const struct MdtMeasurement *measurement,
                             uint8_t durable,
                             uint8_t *logged);

/*
 Seals a report of a failure, `MDT_REPORT_…`, written as `content_kind`, `MDT_CONTENT_…`, says; its octets are zero afterwards. Writes
 1 if it was sealed, 0 if the user opted out or paused or the entity has no key.

 # Safety
 `phone` lives; `content` and `consent` have as many octets as is said, `content` such that nobody else reads or writes; `sealed` has
 room for one octet.
 */
enum MdtOutcome mdt_report(struct MdtPhone *phone,
                           uint32_t kind,
                           uint32_t content_kind,
                           uint8_t *content,
                           size_t octets,
                           const uint8_t *consent,
                           size_t consent_octets,
                           uint8_t tce_id,
                           uint8_t *sealed);

/*
 Makes durable what was logged.

 # Safety
 `phone` lives.
 */
enum MdtOutcome mdt_flush(struct MdtPhone *phone);

/*
 Writes what may be shown to the user.

 # Safety
 `phone` lives; `overview` has room for one.
 */
enum MdtOutcome mdt_overview(struct MdtPhone *phone, struct MdtOverview *overview);

/*
 Writes what the register is told an opt-out by, in a request to the collector, and its octets: 64 at most, none where no job ever
 brought one.

 # Safety
 `phone` lives; `into` has `room` octets that nobody else reads or writes; `octets` has room for a number.
 */
enum MdtOutcome mdt_consent_reference(struct MdtPhone *phone,
                                      uint8_t *into,
                                      size_t room,
                                      size_t *octets);

/*
 Begins an upload, or begins it again. What is logged from now on belongs to the next.

 # Safety
 `phone` lives.
 */
enum MdtOutcome mdt_upload(struct MdtPhone *phone);

/*
 Writes the next piece, oldest first, and what it is. Sealed octets stay on the phone until a receipt.

 # Safety
 `phone` lives; `into` has `room` octets that nobody else reads or writes; `piece` has room for one.
 */
enum MdtOutcome mdt_next_piece(struct MdtPhone *phone, uint8_t *into, size_t room, struct MdtPiece *piece);

/*
 Writes the unlock message for the segment or report of the last piece, and its octets. For the connection to the collector only,
 never for storage. 2048 octets are room enough.

 # Safety
 `phone` lives; `into` has `room` octets that nobody else reads or writes; `octets` has room for a number.
 */
enum MdtOutcome mdt_unlock(struct MdtPhone *phone,
                           uint8_t *into,
                           size_t room,
                           size_t *octets);

/*
 Takes a receipt: what is delivered is erased. Writes what it did, and a submission for each segment or report that it names, `room`
 at most; a receipt names 1024 at most. The same receipt again does nothing.

 # Safety
 `phone` lives; `receipt` has so many octets; `submissions` has room for `room` of them that nobody else reads or writes; `delivery`
 has room for one.
 */
enum MdtOutcome mdt_received(struct MdtPhone *phone,
                             const uint8_t *receipt,
                             size_t octets,
                             struct MdtSubmission *submissions,
                             size_t room,
                             struct MdtDelivery *delivery);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MDT_LOG_H */
