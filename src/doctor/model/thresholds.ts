/** The limits of the audit. Data, so that a test can provoke in a second what takes a week in practice. */
export interface DoctorThresholds {
  /** Share of a limit from which on it is near, and from which on it is all but reached. */
  readonly limitNearShare: number;
  readonly limitReachedShare: number;
  /** Share of the maximum age that the oldest unfinished message has reached. */
  readonly ageNearShare: number;
  readonly ageReachedShare: number;
  /** A stream is full enough to discard, and a reader is close to its end, by these shares of the stream. */
  readonly fullShare: number;
  readonly headroomShare: number;
  /** From this interval on, data stays in the operating system's memory for long. */
  readonly lazySyncMs: number;
  /** Share of the acknowledgement wait that handling may take. */
  readonly ackWaitShare: number;
  /** Redeliveries per redelivered message above the ack floor, from which on they count as poison. */
  readonly poisonRedeliveries: number;
  readonly subjectShare: number;
  readonly subjectMessages: number;
  readonly giantBytes: number;
  readonly hugeBytes: number;
  readonly hugePayloadLimitBytes: number;
  readonly rttNoteMs: number;
  readonly rttWarnMs: number;
  readonly expiresSoonMs: number;
  readonly expiresVerySoonMs: number;
  /** Names in a sentence before the rest is only counted. */
  readonly namesShown: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY = 24 * 3_600_000;

export const DEFAULT_DOCTOR_THRESHOLDS: DoctorThresholds = {
  limitNearShare: 0.8,
  limitReachedShare: 0.95,
  ageNearShare: 0.5,
  ageReachedShare: 0.8,
  fullShare: 0.8,
  headroomShare: 0.1,
  lazySyncMs: 10_000,
  ackWaitShare: 0.8,
  poisonRedeliveries: 5,
  subjectShare: 0.5,
  subjectMessages: 1000,
  giantBytes: 256 * KIB,
  hugeBytes: MIB,
  // The server itself warns above this at startup.
  hugePayloadLimitBytes: 8 * MIB,
  rttNoteMs: 50,
  rttWarnMs: 250,
  expiresSoonMs: 14 * DAY,
  expiresVerySoonMs: 2 * DAY,
  namesShown: 5,
};
